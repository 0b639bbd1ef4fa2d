//! `GET /auth/sessions`: where am I signed in?

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::http::Problem;
use crate::http::document::Problems;
use crate::http::extract::{Limit, Parameters};
use crate::http::public::person::{NoPerson, Person};
use crate::http::session_object::DeviceObject;
use crate::session::Cursor;

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Devices)]
pub(in crate::http) struct Answer {
    sessions: Vec<DeviceObject>,
    next_cursor: Option<String>,
}

#[utoipa::path(
    get, path = "/auth/sessions", operation_id = "list_own_sessions", tag = "own sessions",
    summary = "Where am I signed in?",
    params(
        ("limit" = Option<u32>, Query, description = "How many at most", minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, description = "Go on where an earlier page ended: its `next_cursor`")
    ),
    responses((status = 200, description = "A page of them", body = Answer), Problems),
    security(("session_cookie" = []), ("session_bearer" = []))
)]
pub(in crate::http) async fn get(
    State(app): State<AppState>,
    person: Person,
    mut parameters: Parameters,
) -> Result<Json<Answer>, NoPerson> {
    // All of them, unless the operator allows very many.
    let Limit(limit) = parameters.optional("limit")?.unwrap_or(Limit(200));
    let after: Option<Cursor> = parameters.optional("cursor")?;
    parameters.finish()?;
    let own = &person.session;
    // One more than asked for tells whether there is another page.
    let mut sessions = app.office.list_own(own, after, limit + 1).await.map_err(Problem::from)?;
    let more = sessions.len() > limit as usize;
    sessions.truncate(limit as usize);
    let next_cursor = sessions.last().filter(|_| more).map(|last| Cursor::after(last).to_string());
    let sessions = sessions.into_iter().map(|session| DeviceObject::new(session, own.id)).collect();
    Ok(Json(Answer { sessions, next_cursor }))
}
