//! `POST /auth/account/sessions/{id}/end`: signs me out on one device, from the page.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};

use super::end_others::CsrfForm;
use super::invite;
use super::note::Note;
use crate::app::AppState;
use crate::http::Problem;
use crate::http::document::{Problems, SessionInPath};
use crate::http::extract::SessionPath;
use crate::http::public::auth::farewell;
use crate::http::public::person::{NoPerson, PersonForm};

#[utoipa::path(
    post, path = "/auth/account/sessions/{id}/end", operation_id = "end_by_form", tag = "own sessions",
    summary = "Sign me out on one device, from the page",
    params(SessionInPath),
    request_body(content = CsrfForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 303, description = "Done, or not signed in: the way back to the page"), Problems),
    security(("session_cookie" = []))
)]
pub(in crate::http) async fn post(
    State(app): State<AppState>,
    path: Result<SessionPath, Problem>,
    person: Result<PersonForm, NoPerson>,
) -> Result<Response, Problem> {
    let PersonForm(person, _) = match person {
        Ok(person) => person,
        Err(nobody) => return Ok(invite(nobody)),
    };
    let Ok(SessionPath(id)) = path else { return Ok(Note::Gone.back().into_response()) };
    let note = match app.office.end_own(&person.session, id).await? {
        Some(true) => Note::Ended,
        Some(false) | None => Note::Gone,
    };
    // The page has another button for this device; here or there, its cookies go with it.
    let here = id == person.session.id;
    let clear = if here { farewell::clear(&app, &person.request) } else { HeaderMap::new() };
    Ok((clear, note.back()).into_response())
}
