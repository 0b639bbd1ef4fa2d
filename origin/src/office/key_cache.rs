//! Unsealed keys in memory, so that nothing is unsealed while a request waits.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use sealgate_shared::id::TenantId;

use super::{Office, OfficeError, TenantKeys};

/// The keys of the tenants seen so far.
#[derive(Debug, Default)]
pub(super) struct KeyCache {
    keys: RwLock<HashMap<TenantId, Arc<TenantKeys>>>,
    /// One loads at a time: when keys change, everybody who signs with them comes at once.
    loading: tokio::sync::Mutex<()>,
}

impl KeyCache {
    fn get(&self, tenant: &TenantId) -> Option<Arc<TenantKeys>> {
        // A panic elsewhere cannot leave the map half-written: each write is one insertion.
        self.keys.read().unwrap_or_else(PoisonError::into_inner).get(tenant).cloned()
    }

    /// Drops the keys of a tenant that is gone.
    pub(super) fn forget(&self, tenant: &TenantId) {
        self.keys.write().unwrap_or_else(PoisonError::into_inner).remove(tenant);
    }

    fn put(&self, tenant: &TenantId, keys: Arc<TenantKeys>) -> Arc<TenantKeys> {
        let mut cache = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        match cache.get(tenant) {
            // Two loaded at once, and the slower one read earlier.
            Some(held) if held.version > keys.version => Arc::clone(held),
            _ => {
                cache.insert(tenant.clone(), Arc::clone(&keys));
                keys
            }
        }
    }
}

impl Office {
    /// The tenant's keys as of now, or a moment ago: another process may have rotated them.
    pub async fn keys(&self, tenant: &TenantId) -> Result<Arc<TenantKeys>, OfficeError> {
        let version = match self.memory.standing() {
            Some((standing, _)) => standing.keyring,
            None => self.store.keyring_version().await?,
        };
        self.keys_as_of(tenant, version).await
    }

    /// The tenant's keys as of this version of the keyring, or of a later one.
    pub(super) async fn keys_as_of(&self, tenant: &TenantId, version: u64) -> Result<Arc<TenantKeys>, OfficeError> {
        match self.keys.get(tenant) {
            Some(keys) if keys.version >= version => Ok(keys),
            _ => self.reload_keys(tenant, version).await,
        }
    }

    /// The tenant's keys as last seen, for callers whose next step fails when they have changed.
    pub(super) async fn keys_last_seen(&self, tenant: &TenantId) -> Result<Arc<TenantKeys>, OfficeError> {
        match self.keys.get(tenant) {
            Some(keys) => Ok(keys),
            None => self.reload_keys(tenant, 0).await,
        }
    }

    /// Reads the tenant's keys again, unless somebody has just done so and found this version or a later one.
    pub(super) async fn reload_keys(&self, tenant: &TenantId, version: u64) -> Result<Arc<TenantKeys>, OfficeError> {
        let _one_at_a_time = self.keys.loading.lock().await;
        if let Some(keys) = self.keys.get(tenant).filter(|keys| keys.version >= version) {
            return Ok(keys);
        }
        match self.load_keys(tenant).await {
            Ok(keys) => Ok(self.keys.put(tenant, Arc::new(keys))),
            Err(error) => {
                if matches!(error, OfficeError::TenantNotFound(_)) {
                    self.keys.forget(tenant);
                }
                Err(error)
            }
        }
    }
}
