//! `GET /auth/oidc/{provider}/callback`: whatever comes here is that provider's answer, since the others do not send anybody here
//! (RFC 9700 §4.4.2.2).

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use super::{AnswerInQuery, NotSignedIn};
use crate::app::AppState;
use crate::http::Problem;
use crate::http::document::{Problems, ProviderInPath};
use crate::http::extract::PublicRequest;

#[utoipa::path(
    get, path = "/auth/oidc/{provider}/callback", operation_id = "finish_sign_in", tag = "signing in",
    summary = "Come back from the provider",
    params(ProviderInPath, AnswerInQuery),
    responses((status = 303, description = "Signed in: cookies, and the way to go"), NotSignedIn, Problems),
    security(())
)]
pub(in crate::http) async fn get(
    request: PublicRequest,
    State(app): State<AppState>,
    provider: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let Path(provider) = provider.map_err(|_| Problem::not_found())?;
    super::finish(app, request, Some(&provider), query).await
}

/// A provider's answer may be asked for by machines that look at what an address leads to. It is good for once.
#[utoipa::path(
    head, path = "/auth/oidc/{provider}/callback", operation_id = "finish_no_sign_in", tag = "signing in",
    summary = "Never: an answer is good for once",
    params(ProviderInPath),
    responses((status = 405, description = "Not done"), Problems),
    security(())
)]
pub(in crate::http) async fn head() -> Problem {
    Problem::method_not_allowed()
}
