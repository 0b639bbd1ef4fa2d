//! Everything that is sealed in the database, for trying the key-encryption key on.

use sealgate_shared::id::{EdgeId, KeyId, TenantId};
use sqlx::types::Text;

use super::{Store, StoreResult};

impl Store {
    /// Each tenant's fingerprint key.
    pub async fn sealed_fingerprint_keys(&self) -> StoreResult<Vec<(TenantId, Vec<u8>)>> {
        const SQL: &str = "select id, fingerprint_key from tenants order by id";
        let rows: Vec<(Text<TenantId>, Vec<u8>)> = sqlx::query_as(SQL).fetch_all(&self.read).await?;
        Ok(rows.into_iter().map(|(id, sealed)| (id.0, sealed)).collect())
    }

    /// Every signing key that has not been destroyed.
    pub async fn sealed_signing_keys(&self) -> StoreResult<Vec<(TenantId, KeyId, Vec<u8>)>> {
        const SQL: &str = "select tenant, id, sealed from signing_keys where sealed is not null order by tenant, id";
        let rows: Vec<(Text<TenantId>, Text<KeyId>, Vec<u8>)> = sqlx::query_as(SQL).fetch_all(&self.read).await?;
        Ok(rows.into_iter().map(|(tenant, id, sealed)| (tenant.0, id.0, sealed)).collect())
    }

    /// The secret of each edge that has not been revoked.
    pub async fn sealed_edge_secrets(&self) -> StoreResult<Vec<(EdgeId, Vec<u8>)>> {
        const SQL: &str = "select id, sealed_secret from edges where revoked_at is null order by id";
        let rows: Vec<(Text<EdgeId>, Vec<u8>)> = sqlx::query_as(SQL).fetch_all(&self.read).await?;
        Ok(rows.into_iter().map(|(id, sealed)| (id.0, sealed)).collect())
    }
}
