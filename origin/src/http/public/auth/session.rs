//! `GET /auth/session`: who am I?

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::app::AppState;
use crate::http::Problem;
use crate::http::extract::PublicRequest;
use crate::http::session_object::OwnSession;
use crate::office::Recognition;

#[derive(Serialize)]
pub(in crate::http) struct Answer {
    session: OwnSession,
    csrf_token: String,
}

pub(in crate::http) async fn get(request: PublicRequest, State(app): State<AppState>) -> Result<Json<Answer>, Problem> {
    match app.office.recognise(&request.tenant, &request.cookies).await? {
        Recognition::Session(recognised) => {
            Ok(Json(Answer { session: recognised.session.into(), csrf_token: recognised.csrf_token }))
        }
        Recognition::Missing => Err(Problem::session_cookie("missing", "There is no session cookie.")),
        Recognition::Rejected(reject) => {
            let detail = format!("The session cookie does not hold: {reject}.");
            Err(Problem::session_cookie(reject.label(), detail))
        }
    }
}
