//! `GET /auth/csrf`: the token that requests of this session are to send along.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{AppendHeaders, IntoResponse, Response};
use sealgate_shared::cookie::{self, CookieName};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::{AppParts, AppState};
use crate::http::document::Problems;
use crate::http::public::person::Person;

#[derive(Serialize, ToSchema)]
#[schema(as = CsrfToken)]
struct Answer<'a> {
    csrf_token: Option<&'a str>,
}

#[utoipa::path(
    get, path = "/auth/csrf", operation_id = "show_csrf_token", tag = "own sessions",
    summary = "The token that requests of my session are to send along",
    responses((status = 200, description = "The token; none for native clients, which need none", body = Answer<'_>), Problems),
    security(("session_cookie" = []), ("session_bearer" = []))
)]
pub(in crate::http) async fn get(State(app): State<AppState>, person: Person) -> Response {
    let csrf_token = person.csrf_token.as_deref();
    let line = csrf_token.and_then(|token| renew_cookie(&app, &person, token));
    let line = AppendHeaders(line.map(|line| (header::SET_COOKIE, line)));
    (line, Json(Answer { csrf_token })).into_response()
}

/// The line that gives the browser the token, unless it has it: the cookie may have been lost, or be older than the key
/// that signs the session's tokens now.
fn renew_cookie(app: &AppParts, person: &Person, token: &str) -> Option<String> {
    let names = app.office.cookies();
    let mut held = cookie::values_of(&person.request.cookies, names, CookieName::Csrf);
    if held.any(|value| value == token) {
        return None;
    }
    let session = &person.session;
    // As long as the session, and like its other cookies gone with the browser unless it is remembered.
    let max_age = session.remember.then(|| session.idle_expires_at.since(app.office.now()) / 1_000);
    Some(cookie::set(names, CookieName::Csrf, token, max_age))
}
