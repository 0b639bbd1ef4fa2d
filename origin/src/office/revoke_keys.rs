//! Revoking signing keys: when one has leaked, or an edge has, which holds all of a tenant's.

use sealgate_shared::id::{KeyId, TenantId};

use super::{Office, OfficeError};
use crate::store::{RevokeKeys, RevokeKeysOutcome};

impl Office {
    /// Revokes a key of the tenant, or `all` keys that it has. The pending key takes over where it holds; every
    /// session that a revoked key could have signed ends.
    pub async fn revoke_keys(
        &self,
        tenant: &TenantId,
        key: KeyId,
        all: bool,
    ) -> Result<RevokeKeysOutcome, OfficeError> {
        let spare = [self.draw_key(tenant)?, self.draw_key(tenant)?];
        let request = RevokeKeys { tenant, key, all, spare };
        let outcome = self.store.revoke_keys(&request, self.clock.now()).await?;
        self.notice().await;
        Ok(outcome)
    }
}
