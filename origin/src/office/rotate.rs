//! Rotating a tenant's signing keys.

use sealgate_shared::id::TenantId;

use super::tenant_keys::key_place;
use super::{Office, OfficeError};
use crate::random;
use crate::store::{NewKey, Rotation};

impl Office {
    /// Active becomes retired, pending becomes active, and a new key is pending. Nobody is signed out: a
    /// retired key goes on verifying, and the new active one has been published since it was made.
    pub async fn rotate(&self, tenant: &TenantId) -> Result<Rotation, OfficeError> {
        let next = self.draw_key(tenant)?;
        let rotation = self.store.rotate_keys(tenant, &next, self.clock.now()).await?;
        rotation.ok_or_else(|| OfficeError::TenantNotFound(tenant.clone()))
    }

    /// Draws a signing key and seals it to its row.
    pub(super) fn draw_key(&self, tenant: &TenantId) -> Result<NewKey, OfficeError> {
        let id = random::draw_key_id()?;
        let sealed = self.vault.seal(&key_place(&id.to_string(), tenant), &random::draw_secret()?)?;
        Ok(NewKey { id, sealed })
    }
}
