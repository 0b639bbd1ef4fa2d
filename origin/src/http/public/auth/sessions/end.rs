//! `DELETE /auth/sessions/{id}`: signs me out somewhere. Once more changes nothing.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::http::Problem;
use crate::http::document::{Problems, SessionInPath};
use crate::http::extract::SessionPath;
use crate::http::public::auth::farewell;
use crate::http::public::person::Person;

/// How many sessions have ended by this.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Ended)]
pub(in crate::http) struct Answer {
    pub(super) revoked: usize,
}

#[utoipa::path(
    delete, path = "/auth/sessions/{id}", operation_id = "end_own_session", tag = "own sessions",
    summary = "Sign me out somewhere; once more changes nothing",
    params(SessionInPath),
    responses((status = 200, description = "How many sessions have ended: one or none", body = Answer), Problems),
    security(("session_cookie" = []), ("session_bearer" = []))
)]
pub(in crate::http) async fn delete(
    State(app): State<AppState>,
    person: Person,
    SessionPath(id): SessionPath,
) -> Result<(HeaderMap, Json<Answer>), Problem> {
    let ended = app.office.end_own(&person.session, id).await?.ok_or_else(Problem::session_not_found)?;
    let clear = if id == person.session.id { farewell::clear(&app, &person.request) } else { HeaderMap::new() };
    Ok((clear, Json(Answer { revoked: usize::from(ended) })))
}
