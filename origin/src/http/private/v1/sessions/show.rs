//! `GET /v1/sessions/{id}`: one session.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use sealgate_shared::id::SessionId;

use crate::app::AppState;
use crate::credential::Scope;
use crate::http::Problem;
use crate::http::document::{Problems, SessionInPath};
use crate::http::extract::ServiceCaller;
use crate::http::session_object::SessionObject;

#[utoipa::path(
    get, path = "/v1/sessions/{id}", operation_id = "show_session", tag = "sessions",
    summary = "One session",
    params(SessionInPath),
    responses((status = 200, description = "The session", body = SessionObject), Problems),
    security(("service_token" = ["sessions:read"]))
)]
pub(in crate::http) async fn get(
    caller: ServiceCaller,
    State(app): State<AppState>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<SessionObject>, Problem> {
    caller.require(Scope::Read)?;
    let id = read_id(path)?;
    let session = app.office.store().session(&caller.tenant, id).await?;
    let session = session.ok_or_else(Problem::session_not_found)?;
    Ok(Json(SessionObject::new(session, app.office.now())))
}

/// What is not the id of a session is not there.
pub(super) fn read_id(path: Result<Path<String>, PathRejection>) -> Result<SessionId, Problem> {
    path.ok().and_then(|path| path.parse().ok()).ok_or_else(Problem::session_not_found)
}
