//! `GET /auth/session`: who am I?

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::document::Problems;
use crate::http::public::person::Person;
use crate::http::session_object::OwnSession;

#[derive(Serialize, ToSchema)]
#[schema(as = Me)]
pub(in crate::http) struct Answer {
    session: OwnSession,
    csrf_token: Option<String>,
}

#[utoipa::path(
    get, path = "/auth/session", operation_id = "show_own_session", tag = "own sessions",
    summary = "Who am I?",
    responses((status = 200, description = "My session", body = Answer), Problems),
    security(("session_cookie" = []), ("session_bearer" = []))
)]
pub(in crate::http) async fn get(person: Person) -> Json<Answer> {
    Json(Answer { session: person.session.into(), csrf_token: person.csrf_token })
}
