//! The backend that asks, by its service token.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use sealgate_shared::id::TenantId;

use super::service_token;
use crate::app::AppState;
use crate::credential::{Scope, Scopes};
use crate::http::Problem;

/// A backend that proved who it is. It speaks for one tenant; everything else is not there for it.
#[derive(Debug)]
pub(in crate::http) struct ServiceCaller {
    pub(in crate::http) tenant: TenantId,
    scopes: Scopes,
}

impl ServiceCaller {
    /// Refuses callers whose token lacks the scope.
    pub(in crate::http) fn require(&self, scope: Scope) -> Result<(), Problem> {
        if self.scopes.contains(scope) { Ok(()) } else { Err(Problem::scope_missing(scope)) }
    }
}

impl FromRequestParts<AppState> for ServiceCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let row = service_token::recognise(parts, app).await?;
        match &row.tenant {
            Some(tenant) => Ok(Self { tenant: tenant.clone(), scopes: row.scopes }),
            None => Err(Problem::operator_token()),
        }
    }
}
