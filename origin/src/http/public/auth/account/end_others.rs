//! `POST /auth/account/sign-out-others`: signs me out everywhere else, from the page.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};

use super::invite;
use super::note::Note;
use crate::app::AppState;
use crate::http::Problem;
use crate::http::public::person::{NoPerson, PersonForm};

pub(in crate::http) async fn post(
    State(app): State<AppState>,
    person: Result<PersonForm, NoPerson>,
) -> Result<Response, Problem> {
    let PersonForm(person, _) = match person {
        Ok(person) => person,
        Err(nobody) => return Ok(invite(nobody)),
    };
    // Nothing to tell where this session has ended meanwhile: the page sends its reader to sign in.
    let ended = app.office.end_all_own(&person.session, true).await?.unwrap_or_default();
    let note = if ended > 0 { Note::EndedOthers } else { Note::NoOthers };
    Ok(note.back().into_response())
}
