//! `POST /auth/account/sign-out-others`: signs me out everywhere else, from the page.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use utoipa::ToSchema;

use super::invite;
use super::note::Note;
use crate::app::AppState;
use crate::http::Problem;
use crate::http::document::Problems;
use crate::http::public::person::{NoPerson, PersonForm};

/// What the page's forms have.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a body")]
pub(super) struct CsrfForm {
    /// Where the browser says nothing of where the request comes from.
    csrf_token: Option<String>,
}

#[utoipa::path(
    post, path = "/auth/account/sign-out-others", operation_id = "end_others_by_form", tag = "own sessions",
    summary = "Sign me out everywhere else, from the page",
    request_body(content = CsrfForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 303, description = "Done, or not signed in: the way back to the page"), Problems),
    security(("session_cookie" = []))
)]
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
