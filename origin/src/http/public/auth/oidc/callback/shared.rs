//! `GET /auth/oidc/callback`: for providers whose redirect URI was set to it, and who name themselves in their answer (RFC 9207).

use axum::extract::{RawQuery, State};
use axum::response::Response;

use super::{AnswerInQuery, NotSignedIn};
use crate::app::AppState;
use crate::http::Problem;
use crate::http::document::Problems;
use crate::http::extract::PublicRequest;

#[utoipa::path(
    get, path = "/auth/oidc/callback", operation_id = "finish_sign_in_by_issuer", tag = "signing in",
    summary = "Come back from a provider that names itself",
    params(AnswerInQuery),
    responses((status = 303, description = "Signed in: cookies, and the way to go"), NotSignedIn, Problems),
    security(())
)]
pub(in crate::http) async fn get(
    request: PublicRequest,
    State(app): State<AppState>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    super::finish(app, request, None, query).await
}

/// As at a provider's own callback.
#[utoipa::path(
    head, path = "/auth/oidc/callback", operation_id = "finish_no_sign_in_by_issuer", tag = "signing in",
    summary = "Never: an answer is good for once",
    responses((status = 405, description = "Not done"), Problems),
    security(())
)]
pub(in crate::http) async fn head() -> Problem {
    Problem::method_not_allowed()
}
