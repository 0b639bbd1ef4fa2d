//! `GET /auth/oidc/callback`: the browser is back from the provider. In the query and in no other way: what a provider posts, or
//! puts behind a `#`, is not taken.

use axum::extract::{RawQuery, State};
use axum::response::Response;

use super::super::welcome;
use super::{binding, failed};
use crate::app::AppState;
use crate::http::Problem;
use crate::http::document::Problems;
use crate::http::extract::PublicRequest;
use crate::office::{Credentials, FinishSignIn, SignInError};

#[utoipa::path(
    get, path = "/auth/oidc/callback", operation_id = "finish_sign_in", tag = "signing in",
    summary = "Come back from the provider",
    params(
        ("state" = Option<String>, Query, description = "As it was sent along"),
        ("code" = Option<String>, Query, description = "What the provider gave"),
        ("iss" = Option<String>, Query, description = "Which provider it is (RFC 9207)"),
        ("error" = Option<String>, Query, description = "Why the provider gave none")
    ),
    responses(
        (status = 303, description = "Signed in: cookies, and the way to go"),
        (status = 400, description = "Not signed in, whatever the reason", body = String, content_type = "text/html"),
        (status = 503, description = "The provider does not answer", body = String, content_type = "text/html"), Problems),
    security(())
)]
pub(in crate::http) async fn get(
    request: PublicRequest,
    State(app): State<AppState>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let names = app.office.cookies();
    let finish = FinishSignIn {
        tenant: &request.tenant,
        query: query.as_deref().unwrap_or_default(),
        binding: binding::read(&request.cookies, names),
        credentials: Credentials::Cookies(&request.cookies),
        user_agent: request.user_agent.clone(),
        ip: request.client,
    };
    let (issued, way) = match app.office.finish_sign_in(&app.oidc, finish).await {
        Ok(signed_in) => (Ok(signed_in.issued), signed_in.return_to),
        Err(SignInError::Office(error)) => (Err(error), String::new()),
        Err(failed) => return failed::answer(&app, &request, failed).await,
    };
    let issued = app.metrics.count_mint(issued)?;
    // The cookie of sign-ins under way stays, since another tab may have one. It ends by itself.
    Ok(welcome::answer(issued, &way))
}

/// A provider's answer may be asked for by machines that look at what an address leads to. It is good for once.
#[utoipa::path(
    head, path = "/auth/oidc/callback", operation_id = "finish_no_sign_in", tag = "signing in",
    summary = "Never: an answer is good for once",
    responses((status = 405, description = "Not done"), Problems),
    security(())
)]
pub(in crate::http) async fn head() -> Problem {
    Problem::method_not_allowed()
}
