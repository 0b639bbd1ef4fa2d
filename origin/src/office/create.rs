//! Making tenants, edges and service tokens.

use sealgate_shared::id::{EdgeId, TenantId};
use sealgate_shared::secret::Secret32;

use super::tenant_keys::fingerprint_place;
use super::{Office, OfficeError};
use crate::credential::{EdgeSlot, Scopes, ServiceToken};
use crate::host_name::HostName;
use crate::random;
use crate::store::{NewEdge, NewServiceToken, NewTenant};

/// What a tenant's new service token is for.
#[derive(Debug)]
pub struct ServiceTokenRequest<'a> {
    pub tenant: &'a TenantId,
    /// What people call it.
    pub name: &'a str,
    pub scopes: Scopes,
}

impl Office {
    /// Makes a tenant with an active and a pending signing key, whose sites answer to these hosts; to any, when none
    /// is named.
    pub async fn create_tenant(&self, id: &TenantId, hosts: &[HostName]) -> Result<(), OfficeError> {
        let tenant = NewTenant {
            id,
            sealed_fingerprint_key: self.vault.seal(&fingerprint_place(id), &random::draw_secret()?)?,
            active: self.draw_key(id)?,
            pending: self.draw_key(id)?,
            hosts,
        };
        Ok(self.store.create_tenant(&tenant, self.clock.now()).await?)
    }

    /// Makes an edge for these tenants. The secret it answers is not shown again.
    pub async fn create_edge(&self, id: &EdgeId, tenants: &[TenantId]) -> Result<Secret32, OfficeError> {
        for tenant in tenants {
            self.require_tenant(tenant).await?;
        }
        let secret = random::draw_secret()?;
        let edge = NewEdge { id, secret: self.seal_edge_secret(id, EdgeSlot::Current, &secret)?, tenants };
        self.store.create_edge(&edge, self.clock.now()).await?;
        Ok(secret)
    }

    /// Makes a tenant's service token. Its secret part is not shown again.
    pub async fn create_service_token(&self, request: &ServiceTokenRequest<'_>) -> Result<ServiceToken, OfficeError> {
        self.require_tenant(request.tenant).await?;
        self.store_token(Some(request.tenant), request.name, request.scopes).await
    }

    /// Makes a service token for an operator, who makes, disables and deletes tenants and sees no session.
    pub async fn create_operator_token(&self, name: &str) -> Result<ServiceToken, OfficeError> {
        self.store_token(None, name, Scopes::operator()).await
    }

    async fn store_token(
        &self,
        tenant: Option<&TenantId>,
        name: &str,
        scopes: Scopes,
    ) -> Result<ServiceToken, OfficeError> {
        let token = ServiceToken::draw()?;
        let new = NewServiceToken { public_id: token.public_id(), tenant, name, secret_hash: token.hash(), scopes };
        self.store.create_service_token(&new, self.clock.now()).await?;
        Ok(token)
    }
}
