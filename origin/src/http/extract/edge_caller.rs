//! The edge that asks, by its `X-Sealgate-Edge` header.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use sealgate_shared::edge::parse_credential;
use sealgate_shared::id::{EdgeId, TenantId};

use super::failed_credential;
use crate::app::AppState;
use crate::credential::{hash_edge_auth, is_accepted};
use crate::http::Problem;
use crate::limit::NamedCredential;
use crate::store::EdgeRow;

/// An edge that proved who it is.
#[derive(Debug)]
pub(in crate::http) struct EdgeCaller {
    pub(in crate::http) id: EdgeId,
    row: Arc<EdgeRow>,
    /// The hash of the proof: tells which of its secrets the edge holds.
    pub(in crate::http) proof: [u8; 32],
}

impl EdgeCaller {
    /// The tenants the edge serves.
    pub(in crate::http) fn tenants(&self) -> &[TenantId] {
        &self.row.tenants
    }

    /// Whether the edge serves the tenant.
    pub(in crate::http) fn serves(&self, tenant: &TenantId) -> bool {
        self.row.tenants.contains(tenant)
    }

    /// Refuses a question about a tenant that the edge does not serve.
    pub(in crate::http) fn require(&self, tenant: &TenantId) -> Result<(), Problem> {
        if self.serves(tenant) {
            return Ok(());
        }
        let detail = "This edge does not serve that tenant.";
        Err(Problem::new(StatusCode::FORBIDDEN, "tenant_not_allowed", detail))
    }
}

impl FromRequestParts<AppState> for EdgeCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let refuse = |named| failed_credential::refuse(app, parts, named, Problem::edge_credential());
        let credential = parts.headers.get("x-sealgate-edge").and_then(|value| value.to_str().ok());
        let (id, proof) = credential.and_then(parse_credential).ok_or_else(|| refuse(None))?;
        let proof = hash_edge_auth(&proof);
        match app.office.edge(&id).await? {
            Some(row) if is_accepted(&proof, &row.auth_hash, row.next_auth_hash.as_deref()) => {
                Ok(Self { id, row, proof })
            }
            _ => Err(refuse(Some(NamedCredential::Edge(&id)))),
        }
    }
}
