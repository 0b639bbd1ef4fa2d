//! `DELETE /auth/sessions/{id}`: signs me out somewhere. Once more changes nothing.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Serialize;

use crate::app::AppState;
use crate::http::Problem;
use crate::http::extract::SessionPath;
use crate::http::public::auth::farewell;
use crate::http::public::person::Person;

/// How many sessions have ended by this.
#[derive(Debug, Serialize)]
pub(in crate::http) struct Answer {
    pub(super) revoked: usize,
}

pub(in crate::http) async fn delete(
    State(app): State<AppState>,
    person: Person,
    SessionPath(id): SessionPath,
) -> Result<(HeaderMap, Json<Answer>), Problem> {
    let ended = app.office.end_own(&person.session, id).await?.ok_or_else(Problem::session_not_found)?;
    let clear = if id == person.session.id { farewell::clear(&app, &person.request) } else { HeaderMap::new() };
    Ok((clear, Json(Answer { revoked: usize::from(ended) })))
}
