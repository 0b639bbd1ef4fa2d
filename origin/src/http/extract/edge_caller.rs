//! The edge that asks, by its `X-Sealgate-Edge` header.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use sealgate_shared::edge::parse_credential;
use sealgate_shared::id::{EdgeId, TenantId};

use super::failed_credential;
use crate::app::AppState;
use crate::credential::is_hash_of_edge_auth;
use crate::http::Problem;
use crate::limit::NamedCredential;

/// An edge that proved who it is.
#[derive(Debug)]
pub(in crate::http) struct EdgeCaller {
    pub(in crate::http) id: EdgeId,
    pub(in crate::http) tenants: Vec<TenantId>,
}

impl EdgeCaller {
    /// Whether the edge serves the tenant.
    pub(in crate::http) fn serves(&self, tenant: &TenantId) -> bool {
        self.tenants.contains(tenant)
    }
}

impl FromRequestParts<AppState> for EdgeCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let refuse = |named| failed_credential::refuse(app, parts, named, Problem::edge_credential());
        let credential = parts.headers.get("x-sealgate-edge").and_then(|value| value.to_str().ok());
        let (id, proof) = credential.and_then(parse_credential).ok_or_else(|| refuse(None))?;
        match app.office.store().edge(&id).await? {
            Some(row) if is_hash_of_edge_auth(&row.auth_hash, &proof) => Ok(Self { id, tenants: row.tenants }),
            _ => Err(refuse(Some(NamedCredential::Edge(&id)))),
        }
    }
}
