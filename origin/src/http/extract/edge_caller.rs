//! The edge that asks, by its `X-Sealgate-Edge` header.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use sealgate_shared::edge::parse_credential;
use sealgate_shared::id::{EdgeId, TenantId};

use crate::app::AppState;
use crate::credential::is_hash_of_edge_auth;
use crate::http::Problem;

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

    pub(super) async fn authenticate(headers: &HeaderMap, app: &AppState) -> Result<Self, Problem> {
        let credential = headers.get("x-sealgate-edge").and_then(|value| value.to_str().ok());
        let (id, proof) = credential.and_then(parse_credential).ok_or_else(Problem::edge_credential)?;
        let row = app.office.store().edge(&id).await?;
        match row {
            Some(row) if is_hash_of_edge_auth(&row.auth_hash, &proof) => Ok(Self { id, tenants: row.tenants }),
            _ => Err(Problem::edge_credential()),
        }
    }
}

impl FromRequestParts<AppState> for EdgeCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        Self::authenticate(&parts.headers, app).await
    }
}
