//! A sign-in that came to nothing: written down with its reason, and told without.
//!
//! Whoever tries things out learns from the page that they did not work, and nothing about why. Told are only what people can
//! do something about: that they, or the provider, said no; that somebody else came back; and that the provider is out of order.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use utoipa::IntoResponses;

use super::super::{page, ways};
use crate::app::AppParts;
use crate::http::Problem;
use crate::http::extract::PublicRequest;
use crate::limit::Network;
use crate::office::{Again, FailedSignIn, SignInError};
use crate::oidc::Failure;
use crate::store::{AuditEntry, AuditEvent};

/// The page, as an answer.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers")]
pub(super) enum NotSignedIn {
    /// Not signed in, whatever the reason
    #[response(status = 400, content_type = "text/html")]
    Failed(String),
    /// The provider does not answer
    #[response(status = 503, content_type = "text/html")]
    OutOfOrder(String),
}

#[derive(Template)]
#[template(path = "sign_in_failed.html")]
struct Page<'a> {
    style: &'static str,
    told: Told,
    /// Where to try again.
    again: &'a str,
    /// Where operators get in, if they do.
    break_glass: Option<&'a str>,
}

/// What is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Nothing,
    Cancelled,
    /// The provider's word, if it is one that is registered.
    Refused(Option<&'static str>),
    SomebodyElse,
    OutOfOrder,
}

impl From<&FailedSignIn> for Told {
    fn from(failed: &FailedSignIn) -> Self {
        match failed.failure {
            Failure::Denied => Self::Cancelled,
            Failure::ProviderError => Self::Refused(failed.said),
            Failure::AnotherActor => Self::SomebodyElse,
            failure if failure.is_providers() => Self::OutOfOrder,
            _ => Self::Nothing,
        }
    }
}

/// Answers a sign-in that did not work.
pub(super) async fn answer(app: &AppParts, request: &PublicRequest, error: SignInError) -> Result<Response, Problem> {
    let failed = match error {
        SignInError::Failed(failed) => *failed,
        SignInError::Office(error) => return Err(error.into()),
    };
    write_down(app, request, &failed).await;
    let told = Told::from(&failed);
    let (again, way_in) = (write_link("/auth/login", &failed.again), write_link("/auth/break-glass", &failed.again));
    let is_out_of_order = told == Told::OutOfOrder;
    let break_glass = is_out_of_order && app.office.break_glass_is_on(&request.tenant).await?;
    let page =
        Page { style: page::LOGIN.style, told, again: &again, break_glass: break_glass.then_some(way_in.as_str()) };
    if !is_out_of_order {
        return page::show(StatusCode::BAD_REQUEST, &page, &page::LOGIN);
    }
    let mut response = page::show(StatusCode::SERVICE_UNAVAILABLE, &page, &page::LOGIN)?;
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    Ok(response)
}

fn write_link(path: &str, again: &Again) -> String {
    match &again.return_to {
        Some(return_to) => format!("{path}?{}", ways::write_again(return_to, again.max_age_s).finish()),
        None => path.to_owned(),
    }
}

/// The log, the metrics and the audit table. Whoever fails over and over fills no table: what is too much is counted only.
async fn write_down(app: &AppParts, request: &PublicRequest, failed: &FailedSignIn) {
    let (tenant, reason) = (&request.tenant, failed.failure.label());
    let provider = failed.provider.as_ref().map_or("-", |provider| provider.as_str());
    let complaint = failed.complaint.as_deref();
    tracing::info!(%tenant, provider, reason, complaint, "a sign-in failed");
    app.metrics.count_sign_in_failure(failed.failure);
    let now = app.office.now();
    if !app.limits.may_note_failure(request.client.map(Network::from), tenant, now) {
        return;
    }
    let detail = format!("{provider} {reason}");
    let entry = AuditEntry { detail: Some(&detail), ..AuditEntry::new(tenant, AuditEvent::SignInFailed) };
    if let Err(error) = app.office.store().note(&entry, now).await {
        tracing::warn!(%error, "could not write down that a sign-in failed");
    }
}
