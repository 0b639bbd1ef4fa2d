//! `POST /auth/oidc/{provider}/backchannel-logout`: a provider tells that somebody has signed out there (OpenID Connect
//! Back-Channel Logout 1.0 §2.5).
//!
//! The answer says whether it was taken. Why it was not is in the log and counted, and written down as far as it does not
//! fill the audit table: anybody may send such a thing.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use utoipa::ToSchema;

use crate::app::{AppParts, AppState};
use crate::http::Problem;
use crate::http::document::{Problems, ProviderInPath};
use crate::http::extract::{Form, LogoutRequest, PublicRequest};
use crate::http::operation::metrics::BackChannelEnd;
use crate::limit::Network;
use crate::office::BackChannelError;
use crate::oidc::{LogoutFault, Provider};
use crate::store::LogoutOutcome;

/// `OpenID Connect Back-Channel Logout` 1.0 §2.5.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a body")]
struct LogoutForm {
    logout_token: String,
}

/// The same whatever the reason.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes an answer")]
struct RefusedLogout {
    #[schema(pattern = "^invalid_request$")]
    error: String,
}

#[utoipa::path(
    post, path = "/auth/oidc/{provider}/backchannel-logout", operation_id = "back_channel_logout", tag = "signing in",
    summary = "A provider tells that somebody has signed out there",
    params(ProviderInPath),
    request_body(content = LogoutForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "Taken"),
        (status = 400, description = "Refused", body = RefusedLogout), Problems),
    security(())
)]
pub(in crate::http) async fn post(
    LogoutRequest(request): LogoutRequest,
    State(app): State<AppState>,
    path: Result<Path<String>, PathRejection>,
    form: Result<Form, Problem>,
) -> Result<Response, Problem> {
    let id = path.ok().and_then(|path| path.parse().ok()).ok_or_else(Problem::not_found)?;
    let provider = app.office.oidc_provider(&request.tenant, &id).await?.ok_or_else(Problem::not_found)?;
    let Some(token) = form.ok().and_then(|form| form.only("logout_token").map(str::to_owned)) else {
        return Ok(refuse(&app, &request, &provider, LogoutFault::MALFORMED).await);
    };
    match app.office.back_channel_logout(&app.oidc, &provider, &token).await {
        Ok(outcome) => Ok(accept(&app, &provider, &outcome)),
        Err(BackChannelError::Refused(fault)) => Ok(refuse(&app, &request, &provider, fault).await),
        Err(BackChannelError::Directory(error)) => {
            app.metrics.count_back_channel(BackChannelEnd::Unreachable);
            tracing::warn!(provider = %provider.id, tenant = %provider.tenant, %error, "a logout cannot be checked");
            Err(Problem::unavailable("provider_unreachable", "The provider's keys cannot be read; try again."))
        }
        Err(BackChannelError::Office(error)) => {
            app.metrics.count_back_channel(BackChannelEnd::Failed);
            Err(error.into())
        }
    }
}

fn accept(app: &AppParts, provider: &Provider, outcome: &LogoutOutcome) -> Response {
    let (end, sessions) = match outcome {
        LogoutOutcome::Ended(ended) if ended.is_empty() => (BackChannelEnd::Nothing, 0),
        LogoutOutcome::Ended(ended) => (BackChannelEnd::Ended, ended.len()),
        LogoutOutcome::Replayed => (BackChannelEnd::Replayed, 0),
    };
    app.metrics.count_back_channel(end);
    tracing::info!(
        provider = %provider.id, tenant = %provider.tenant, outcome = end.as_str(), sessions,
        "a provider told of a logout"
    );
    StatusCode::OK.into_response()
}

async fn refuse(app: &AppParts, request: &PublicRequest, provider: &Provider, fault: LogoutFault) -> Response {
    app.metrics.count_back_channel(BackChannelEnd::Refused);
    let reason = fault.label();
    tracing::warn!(provider = %provider.id, tenant = %provider.tenant, reason, "a logout was refused");
    let from = request.client.map(Network::from);
    if app.limits.may_note_failure(from, &request.tenant, app.office.now())
        && let Err(error) = app.office.note_refused_logout(&request.tenant, provider, fault).await
    {
        // It was refused all the same.
        tracing::error!(%error, "a refused logout was not written down");
    }
    (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_request" }))).into_response()
}
