//! The table `service_tokens`.

use sealgate_shared::id::TenantId;
use sealgate_shared::time::UnixMillis;
use sqlx::types::Text;

use super::timestamp::Timestamp;
use super::{Store, StoreResult};
use crate::credential::Scopes;

/// A service token to be stored.
#[derive(Debug)]
pub struct NewServiceToken<'a> {
    pub public_id: &'a str,
    pub tenant: &'a TenantId,
    pub name: &'a str,
    pub secret_hash: [u8; 32],
    pub scopes: Scopes,
}

/// What is known of a service token that has not been revoked.
#[derive(Debug)]
pub struct ServiceTokenRow {
    pub tenant: TenantId,
    pub secret_hash: Vec<u8>,
    pub scopes: Scopes,
}

impl Store {
    /// Stores a service token.
    pub async fn create_service_token(&self, token: &NewServiceToken<'_>, now: UnixMillis) -> StoreResult<()> {
        const SQL: &str = "insert into service_tokens (id, tenant, name, secret_hash, scopes, created_at) \
            values ($1, $2, $3, $4, $5, $6)";
        sqlx::query(SQL)
            .bind(token.public_id)
            .bind(token.tenant.as_str())
            .bind(token.name)
            .bind(token.secret_hash.as_slice())
            .bind(Text(token.scopes))
            .bind(Timestamp(now))
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Finds the token of that public id, unless it was revoked.
    pub async fn service_token(&self, public_id: &str) -> StoreResult<Option<ServiceTokenRow>> {
        const SQL: &str = "select tenant, secret_hash, scopes from service_tokens where id = $1 and revoked_at is null";
        type Row = (Text<TenantId>, Vec<u8>, Text<Scopes>);
        let row: Option<Row> = sqlx::query_as(SQL).bind(public_id).fetch_optional(&self.read).await?;
        Ok(row.map(|(tenant, secret_hash, scopes)| ServiceTokenRow { tenant: tenant.0, secret_hash, scopes: scopes.0 }))
    }

    /// Revokes every token of that name; how many there were.
    pub async fn revoke_service_tokens(&self, tenant: &TenantId, name: &str, now: UnixMillis) -> StoreResult<u64> {
        const SQL: &str =
            "update service_tokens set revoked_at = $1 where tenant = $2 and name = $3 and revoked_at is null";
        let done = sqlx::query(SQL).bind(Timestamp(now)).bind(tenant.as_str()).bind(name).execute(&self.write).await?;
        Ok(done.rows_affected())
    }
}
