//! `GET /auth/session`: who am I?

use axum::Json;
use serde::Serialize;

use crate::http::public::person::Person;
use crate::http::session_object::OwnSession;

#[derive(Serialize)]
pub(in crate::http) struct Answer {
    session: OwnSession,
    csrf_token: Option<String>,
}

pub(in crate::http) async fn get(person: Person) -> Json<Answer> {
    Json(Answer { session: person.session.into(), csrf_token: person.csrf_token })
}
