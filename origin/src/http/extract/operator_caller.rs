//! The operator who asks, by a service token that belongs to no tenant.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::service_token;
use crate::app::AppState;
use crate::credential::Scope;
use crate::http::Problem;

/// An operator who proved who they are. Taking it is what guards a route; it holds nothing.
#[derive(Debug)]
pub(in crate::http) struct OperatorCaller(());

impl FromRequestParts<AppState> for OperatorCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let row = service_token::recognise(parts, app).await?;
        // Whatever scopes a tenant's token might hold, there is nothing here for it.
        if row.tenant.is_some() {
            return Err(Problem::not_found());
        }
        if row.scopes.contains(Scope::Tenants) { Ok(Self(())) } else { Err(Problem::scope_missing(Scope::Tenants)) }
    }
}
