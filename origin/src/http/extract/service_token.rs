//! Whose service token a request carries (RFC 6750 §2.1).

use std::sync::Arc;

use axum::http::header;
use axum::http::request::Parts;

use super::failed_credential;
use crate::app::AppState;
use crate::credential::ServiceToken;
use crate::http::Problem;
use crate::limit::NamedCredential;
use crate::store::ServiceTokenRow;

/// What is known of the token, once it has proved that it is the one it names.
pub(super) async fn recognise(parts: &Parts, app: &AppState) -> Result<Arc<ServiceTokenRow>, Problem> {
    let header = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let refuse = |named| failed_credential::refuse(app, parts, named, Problem::service_token());
    let token = header.and_then(read_bearer).and_then(ServiceToken::parse).ok_or_else(|| refuse(None))?;
    match app.office.service_token(token.public_id()).await? {
        Some(row) if token.has_hash(&row.secret_hash) => Ok(row),
        _ => Err(refuse(Some(NamedCredential::ServiceToken(token.public_id())))),
    }
}

/// The scheme's name is compared without regard to case (RFC 9110 §11.1).
pub(super) fn read_bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_start_matches(' '))
}
