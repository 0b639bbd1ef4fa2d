//! The fields of a form (`application/x-www-form-urlencoded`); whatever else a client sends in it is not read.

use std::fmt;

use axum::extract::rejection::FormRejection;
use axum::extract::{Form as AxumForm, FromRequest, OptionalFromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};

use super::explain_body;
use crate::app::AppState;
use crate::credential::Password;
use crate::http::Problem;

/// The fields of the form in the body.
#[derive(Default)]
pub(in crate::http) struct Form(Vec<(String, String)>);

impl Form {
    /// The field of that name; the last, if there are several.
    pub(in crate::http) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Takes a password out: the last, if there are several, and none of them stays behind.
    pub(in crate::http) fn take_password(&mut self, name: &str) -> Password {
        let taken = self.0.extract_if(.., |(known, _)| known == name).map(|(_, value)| Password::new(value));
        taken.last().unwrap_or_else(|| Password::new(String::new()))
    }

    /// The field of that name, if there is exactly one.
    pub(in crate::http) fn only(&self, name: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(known, _)| known == name);
        found.next().filter(|_| found.next().is_none()).map(|(_, value)| value.as_str())
    }

    /// Whether a box is ticked: browsers send one as `on`, and nothing for one that is not.
    pub(in crate::http) fn is_ticked(&self, name: &str) -> bool {
        matches!(self.text(name), Some("on" | "true" | "1"))
    }
}

impl FromRequest<AppState> for Form {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, Problem> {
        let form = AxumForm::<Vec<(String, String)>>::from_request(request, app).await;
        form.map(|AxumForm(fields)| Self(fields)).map_err(|rejection| explain(&rejection))
    }
}

/// For those to whom no form is as good as an empty one.
impl OptionalFromRequest<AppState> for Form {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &AppState) -> Result<Option<Self>, Problem> {
        if is_form(request.headers()) {
            <Self as FromRequest<AppState>>::from_request(request, app).await.map(Some)
        } else {
            Ok(None)
        }
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn explain(rejection: &FormRejection) -> Problem {
    match rejection {
        FormRejection::InvalidFormContentType(_) => {
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            Problem::new(status, "content_type", "The body must be application/x-www-form-urlencoded.")
        }
        FormRejection::BytesRejection(rejection) => explain_body(rejection),
        _ => Problem::new(StatusCode::BAD_REQUEST, "invalid_form", "The form cannot be read."),
    }
}

/// Without what was typed.
impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}
