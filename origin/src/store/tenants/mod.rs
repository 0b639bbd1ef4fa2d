//! The table `tenants`.

use sealgate_shared::id::TenantId;
use sealgate_shared::time::UnixMillis;
use sqlx::SqliteConnection;
use sqlx::types::Text;

use super::timestamp::Timestamp;
use super::{NewKey, Store, StoreResult, counters, signing_keys};

/// A tenant as its operator sees it.
#[derive(Clone, Debug)]
pub struct TenantSummary {
    pub id: TenantId,
    pub created_at: UnixMillis,
    pub live_sessions: u64,
}

/// A tenant to be made, with the keys it starts with.
#[derive(Debug)]
pub struct NewTenant {
    pub id: TenantId,
    pub sealed_fingerprint_key: Vec<u8>,
    pub active: NewKey,
    pub pending: NewKey,
}

impl Store {
    /// Makes a tenant with one active and one pending key; [`super::StoreError::Exists`] when it is there.
    pub async fn create_tenant(&self, tenant: &NewTenant, now: UnixMillis) -> StoreResult<()> {
        let mut transaction = self.begin().await?;
        insert(&mut transaction, tenant, now).await?;
        signing_keys::insert_active(&mut transaction, &tenant.id, &tenant.active, now).await?;
        signing_keys::insert_pending(&mut transaction, &tenant.id, &tenant.pending, now).await?;
        counters::bump_keyring(&mut transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// The tenant's sealed fingerprint key; `None` when there is no such tenant.
    pub async fn fingerprint_key(&self, tenant: &TenantId) -> StoreResult<Option<Vec<u8>>> {
        const SQL: &str = "select fingerprint_key from tenants where id = $1";
        Ok(sqlx::query_scalar(SQL).bind(tenant.as_str()).fetch_optional(&self.read).await?)
    }

    /// Every tenant.
    pub async fn list_tenants(&self, now: UnixMillis) -> StoreResult<Vec<TenantSummary>> {
        const SQL: &str = "select id, created_at, (select count(*) from sessions \
            where sessions.tenant = tenants.id and pre_login = 0 and revoked_at is null and idle_expires_at > $1) \
            from tenants order by id";
        type Row = (Text<TenantId>, Timestamp, i64);
        let rows: Vec<Row> = sqlx::query_as(SQL).bind(Timestamp(now)).fetch_all(&self.read).await?;
        let tenants = rows.into_iter().map(|(id, created_at, live)| TenantSummary {
            id: id.0,
            created_at: created_at.0,
            live_sessions: live.unsigned_abs(),
        });
        Ok(tenants.collect())
    }

    /// Some tenant and its sealed fingerprint key, to try a key-encryption key on.
    pub async fn any_fingerprint_key(&self) -> StoreResult<Option<(TenantId, Vec<u8>)>> {
        const SQL: &str = "select id, fingerprint_key from tenants limit 1";
        let row: Option<(Text<TenantId>, Vec<u8>)> = sqlx::query_as(SQL).fetch_optional(&self.read).await?;
        Ok(row.map(|(id, sealed)| (id.0, sealed)))
    }
}

async fn insert(connection: &mut SqliteConnection, tenant: &NewTenant, now: UnixMillis) -> StoreResult<()> {
    const SQL: &str = "insert into tenants (id, fingerprint_key, created_at) values ($1, $2, $3)";
    sqlx::query(SQL)
        .bind(tenant.id.as_str())
        .bind(&tenant.sealed_fingerprint_key)
        .bind(Timestamp(now))
        .execute(connection)
        .await?;
    Ok(())
}
