//! `POST /auth/account/sessions/{id}/end`: signs me out on one device, from the page.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};

use super::invite;
use super::note::Note;
use crate::app::AppState;
use crate::http::Problem;
use crate::http::extract::SessionPath;
use crate::http::public::auth::farewell;
use crate::http::public::person::{NoPerson, PersonForm};

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
