//! Making tenants, edges and service tokens.

use sealgate_shared::edge::EdgeSecret;
use sealgate_shared::id::{EdgeId, TenantId};
use sealgate_shared::secret::Secret32;

use super::tenant_keys::fingerprint_place;
use super::{Office, OfficeError};
use crate::credential::{Scopes, ServiceToken, hash_edge_auth};
use crate::random;
use crate::store::{NewEdge, NewServiceToken, NewTenant};
use crate::vault::Place;

/// What a new service token is for.
#[derive(Debug)]
pub struct ServiceTokenRequest<'a> {
    pub tenant: &'a TenantId,
    /// What people call it.
    pub name: &'a str,
    pub scopes: Scopes,
}

impl Office {
    /// Makes a tenant with an active and a pending signing key.
    pub async fn create_tenant(&self, id: &TenantId) -> Result<(), OfficeError> {
        let tenant = NewTenant {
            id: id.clone(),
            sealed_fingerprint_key: self.vault.seal(&fingerprint_place(id), &random::draw_secret()?)?,
            active: self.draw_key(id)?,
            pending: self.draw_key(id)?,
        };
        Ok(self.store.create_tenant(&tenant, self.clock.now()).await?)
    }

    /// Makes an edge for these tenants. The secret it answers is not shown again.
    pub async fn create_edge(&self, id: &EdgeId, tenants: &[TenantId]) -> Result<Secret32, OfficeError> {
        for tenant in tenants {
            self.require_tenant(tenant).await?;
        }
        let secret = random::draw_secret()?;
        let edge = NewEdge {
            id,
            sealed_secret: self.vault.seal(&edge_place(id), &secret)?,
            auth_hash: hash_edge_auth(&EdgeSecret::new(secret.clone()).auth()),
            tenants,
        };
        self.store.create_edge(&edge, self.clock.now()).await?;
        Ok(secret)
    }

    /// Makes a service token. Its secret part is not shown again.
    pub async fn create_service_token(&self, request: &ServiceTokenRequest<'_>) -> Result<ServiceToken, OfficeError> {
        self.require_tenant(request.tenant).await?;
        let token = ServiceToken::draw()?;
        let new = NewServiceToken {
            public_id: token.public_id(),
            tenant: request.tenant,
            name: request.name,
            secret_hash: token.hash(),
            scopes: request.scopes,
        };
        self.store.create_service_token(&new, self.clock.now()).await?;
        Ok(token)
    }

    /// Refuses a tenant that is not there.
    pub async fn require_tenant(&self, tenant: &TenantId) -> Result<(), OfficeError> {
        let found = self.store.fingerprint_key(tenant).await?;
        found.map(drop).ok_or_else(|| OfficeError::TenantNotFound(tenant.clone()))
    }
}

/// Where an edge's secret is stored: an edge may serve several tenants, so it belongs to none.
pub(super) fn edge_place(id: &EdgeId) -> Place<'_> {
    Place { table: "edges", column: "sealed_secret", row: id.as_str(), tenant: None }
}
