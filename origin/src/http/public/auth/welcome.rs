//! What a browser is told when it has signed in.

use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};

use super::return_to;
use crate::office::Issued;

/// Answers with the cookies of the session, and the way to go: to `return_to`, if that is a path of this site.
pub(super) fn answer(issued: Issued, return_to: &str) -> Response {
    let cookies = AppendHeaders(issued.set_cookie.into_iter().map(|line| (header::SET_COOKIE, line)));
    let location = return_to::sanitise(return_to).to_owned();
    (StatusCode::SEE_OTHER, cookies, [(header::LOCATION, location)]).into_response()
}
