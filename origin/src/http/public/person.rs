//! The person behind a request: whoever's session it shows.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use sealgate_shared::reject::Reject;

use super::csrf;
use crate::app::AppState;
use crate::http::Problem;
use crate::http::extract::{Form, PublicRequest};
use crate::office::{Recognised, Recognition};
use crate::session::Session;

/// Somebody with a live session. Where the request changes something, it comes from this very site: nobody can take a
/// `Person` and forget to ask.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) request: PublicRequest,
    pub(super) session: Session,
    pub(super) csrf_token: Option<String>,
}

/// A person who sent a form, and the form.
#[derive(Debug)]
pub(super) struct PersonForm(pub(super) Person, pub(super) Form);

/// Why there is no person.
#[derive(Debug)]
pub(super) enum NoPerson {
    /// The request shows no session, or one that does not hold.
    SignedOut(Problem),
    /// Whoever it is, this is not done.
    Refused(Problem),
}

impl FromRequestParts<AppState> for Person {
    type Rejection = NoPerson;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, NoPerson> {
        let person = recognise(parts, app).await?;
        if !parts.method.is_safe() {
            csrf::require(app, &person.request, &parts.headers, None, person.session.id).await?;
        }
        Ok(person)
    }
}

impl FromRequest<AppState> for PersonForm {
    type Rejection = NoPerson;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, NoPerson> {
        let (mut parts, body) = request.into_parts();
        let person = recognise(&mut parts, app).await?;
        let headers = parts.headers.clone();
        let form = <Form as FromRequest<AppState>>::from_request(Request::from_parts(parts, body), app).await?;
        csrf::require(app, &person.request, &headers, form.text(csrf::FIELD), person.session.id).await?;
        Ok(Self(person, form))
    }
}

async fn recognise(parts: &mut Parts, app: &AppState) -> Result<Person, NoPerson> {
    let request = PublicRequest::from_request_parts(parts, app).await?;
    let recognition = app.office.recognise(&request.tenant, request.credentials()).await.map_err(Problem::from)?;
    match recognition {
        Recognition::Session(recognised) => {
            let Recognised { session, csrf_token } = *recognised;
            Ok(Person { request, session, csrf_token })
        }
        Recognition::Missing => Err(NoPerson::SignedOut(missing())),
        Recognition::Rejected(reject) => Err(NoPerson::SignedOut(explain(&request, reject))),
    }
}

fn missing() -> Problem {
    Problem::session_cookie("missing", "There is no session cookie.")
}

fn explain(request: &PublicRequest, reject: Reject) -> Problem {
    if request.bearer.is_some() {
        Problem::bearer_token(reject.label(), format!("The bearer token does not hold: {reject}."))
    } else {
        Problem::session_cookie(reject.label(), format!("The session cookie does not hold: {reject}."))
    }
}

impl From<Problem> for NoPerson {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem)
    }
}

impl From<NoPerson> for Problem {
    fn from(nobody: NoPerson) -> Self {
        match nobody {
            NoPerson::SignedOut(problem) | NoPerson::Refused(problem) => problem,
        }
    }
}

impl IntoResponse for NoPerson {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}
