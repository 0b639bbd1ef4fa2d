//! `DELETE /auth/sessions[?except=current]`: signs me out everywhere, or everywhere else.

use std::str::FromStr;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;

use super::end::Answer;
use crate::app::AppState;
use crate::http::Problem;
use crate::http::document::Problems;
use crate::http::extract::Parameters;
use crate::http::public::auth::farewell;
use crate::http::public::person::Person;

#[utoipa::path(
    delete, path = "/auth/sessions", operation_id = "end_own_sessions", tag = "own sessions",
    summary = "Sign me out everywhere, or everywhere else",
    params(("except" = Option<String>, Query, description = "`current`: the session that asks stays", pattern = "^current$")),
    responses((status = 200, description = "How many sessions have ended", body = Answer), Problems),
    security(("session_cookie" = []), ("session_bearer" = []))
)]
pub(in crate::http) async fn delete(
    State(app): State<AppState>,
    person: Person,
    mut parameters: Parameters,
) -> Result<(HeaderMap, Json<Answer>), Problem> {
    let but_this = parameters.optional::<Current>("except")?.is_some();
    parameters.finish()?;
    let revoked = app.office.end_all_own(&person.session, but_this).await?.ok_or_else(Problem::session_not_found)?;
    let clear = if but_this { HeaderMap::new() } else { farewell::clear(&app, &person.request) };
    Ok((clear, Json(Answer { revoked })))
}

/// The session that asks: the only one that one may except.
struct Current;

impl FromStr for Current {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "current" { Ok(Self) } else { Err("must be current") }
    }
}
