//! `POST /auth/account/sessions/{id}/label`: names a device, from the page. An empty field takes its name away.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use utoipa::ToSchema;

use super::invite;
use super::note::Note;
use super::show::{Mistake, render};
use crate::app::AppState;
use crate::http::Problem;
use crate::http::document::{Problems, SessionInPath};
use crate::http::extract::{MAX_LABEL, SessionPath, find_fault};
use crate::http::public::person::{NoPerson, PersonForm};

/// What the form has.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a body")]
struct LabelForm {
    csrf_token: Option<String>,
    /// Nothing takes the name away.
    label: Option<String>,
}

#[utoipa::path(
    post, path = "/auth/account/sessions/{id}/label", operation_id = "label_by_form", tag = "own sessions",
    summary = "Give one of my devices a name, from the page",
    params(SessionInPath),
    request_body(content = LabelForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 303, description = "Done, or not signed in: the way back to the page"),
        (status = 422, description = "No name for a device: the page says why", body = String, content_type = "text/html"), Problems),
    security(("session_cookie" = []))
)]
pub(in crate::http) async fn post(
    State(app): State<AppState>,
    path: Result<SessionPath, Problem>,
    person: Result<PersonForm, NoPerson>,
) -> Result<Response, Problem> {
    let PersonForm(person, form) = match person {
        Ok(person) => person,
        Err(nobody) => return Ok(invite(nobody)),
    };
    let Ok(SessionPath(id)) = path else { return Ok(Note::Gone.back().into_response()) };
    let label = form.text("label").unwrap_or_default().trim();
    let label = (!label.is_empty()).then_some(label);
    if let Some(label) = label
        && let Some(fault) = find_fault(label, MAX_LABEL)
    {
        let mistake = Mistake { device: id, label: label.to_owned(), fault: format!("A name {fault}.") };
        return render(&app, &person, None, Some(&mistake)).await;
    }
    let note = match app.office.label_own(&person.session, id, label).await? {
        Some(_) if label.is_some() => Note::Labelled,
        Some(_) => Note::Unlabelled,
        None => Note::Gone,
    };
    Ok(note.back().into_response())
}
