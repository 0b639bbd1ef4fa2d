//! Tenants: their hosts, and the end of them.

use sealgate_shared::id::TenantId;

use super::{Office, OfficeError};
use crate::host_name::HostName;
use crate::store::{DeletedTenant, TenantSummary};

impl Office {
    /// The tenant as its operator sees it.
    pub async fn show_tenant(&self, tenant: &TenantId) -> Result<TenantSummary, OfficeError> {
        let found = self.store.show_tenant(tenant, self.clock.now()).await?;
        found.ok_or_else(|| OfficeError::TenantNotFound(tenant.clone()))
    }

    /// Has the tenant's sites answer to these hosts and no other; to any, when none is named.
    pub async fn replace_hosts(&self, tenant: &TenantId, hosts: &[HostName]) -> Result<(), OfficeError> {
        let replaced = self.store.replace_hosts(tenant, hosts, self.clock.now()).await?;
        self.notice().await;
        if replaced { Ok(()) } else { Err(OfficeError::TenantNotFound(tenant.clone())) }
    }

    /// Disables a tenant: its sessions end here and now, its keys leave every keyring, and nobody gets a session. How
    /// many sessions have ended; `None` when it was disabled before.
    pub async fn disable_tenant(&self, tenant: &TenantId) -> Result<Option<u64>, OfficeError> {
        let ended = self.store.disable_tenant(tenant, self.clock.now()).await?;
        self.notice().await;
        if ended.is_none() {
            self.require_tenant(tenant).await?;
        }
        Ok(ended)
    }

    /// Enables a tenant again, without the sessions it had; `false` when it was enabled before.
    pub async fn enable_tenant(&self, tenant: &TenantId) -> Result<bool, OfficeError> {
        let enabled = self.store.enable_tenant(tenant, self.clock.now()).await?;
        self.notice().await;
        if !enabled {
            self.require_tenant(tenant).await?;
        }
        Ok(enabled)
    }

    /// Deletes a tenant and everything of it, its keys included: nothing that was sealed or signed for it can be
    /// opened or proved again.
    pub async fn delete_tenant(&self, tenant: &TenantId) -> Result<DeletedTenant, OfficeError> {
        let deleted = self.store.delete_tenant(tenant, self.clock.now()).await?;
        self.keys.forget(tenant);
        self.notice().await;
        deleted.ok_or_else(|| OfficeError::TenantNotFound(tenant.clone()))
    }

    /// Refuses a tenant that is not there.
    pub async fn require_tenant(&self, tenant: &TenantId) -> Result<(), OfficeError> {
        let found = self.store.tenant(tenant).await?;
        found.map(drop).ok_or_else(|| OfficeError::TenantNotFound(tenant.clone()))
    }
}
