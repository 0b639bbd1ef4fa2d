//! The backend that asks, by its service token (RFC 6750 §2.1).

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use sealgate_shared::id::TenantId;

use super::failed_credential;
use crate::app::AppState;
use crate::credential::{Scope, Scopes, ServiceToken};
use crate::http::Problem;
use crate::limit::NamedCredential;

/// A backend that proved who it is. It speaks for one tenant; everything else is not there for it.
#[derive(Debug)]
pub(in crate::http) struct ServiceCaller {
    pub(in crate::http) tenant: TenantId,
    scopes: Scopes,
}

impl ServiceCaller {
    /// Refuses callers whose token lacks the scope.
    pub(in crate::http) fn require(&self, scope: Scope) -> Result<(), Problem> {
        if self.scopes.contains(scope) {
            return Ok(());
        }
        let detail = format!("The service token lacks the scope {}.", scope.as_str());
        Err(Problem::new(StatusCode::FORBIDDEN, "scope_missing", detail))
    }
}

impl FromRequestParts<AppState> for ServiceCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let header = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let refuse = |named| failed_credential::refuse(app, parts, named, Problem::service_token());
        let token = header.and_then(read_bearer).and_then(ServiceToken::parse).ok_or_else(|| refuse(None))?;
        match app.office.store().service_token(token.public_id()).await? {
            Some(row) if token.has_hash(&row.secret_hash) => Ok(Self { tenant: row.tenant, scopes: row.scopes }),
            _ => Err(refuse(Some(NamedCredential::ServiceToken(token.public_id())))),
        }
    }
}

/// The scheme's name is compared without regard to case (RFC 9110 §11.1).
fn read_bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_start_matches(' '))
}
