//! `DELETE /v1/sessions/{id}`: ends a session. Once more changes nothing.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};

use super::show::read_id;
use crate::app::AppState;
use crate::credential::Scope;
use crate::http::Problem;
use crate::http::document::{Problems, SessionInPath};
use crate::http::extract::ServiceCaller;
use crate::http::session_object::SessionObject;
use crate::session::RevokedReason;
use crate::store::RevokeOutcome;

#[utoipa::path(
    delete, path = "/v1/sessions/{id}", operation_id = "revoke_session", tag = "sessions",
    summary = "End a session; once more changes nothing",
    params(SessionInPath),
    responses((status = 200, description = "The session, which has ended", body = SessionObject), Problems),
    security(("service_token" = ["sessions:revoke"]))
)]
pub(in crate::http) async fn delete(
    caller: ServiceCaller,
    State(app): State<AppState>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<SessionObject>, Problem> {
    caller.require(Scope::Revoke)?;
    let id = read_id(path)?;
    let now = app.office.now();
    match app.office.revoke_session(&caller.tenant, id, RevokedReason::Admin).await? {
        RevokeOutcome::Revoked(session) | RevokeOutcome::Already(session) => Ok(Json(SessionObject::new(session, now))),
        RevokeOutcome::NotFound => Err(Problem::session_not_found()),
    }
}
