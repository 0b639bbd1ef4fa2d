//! Everything that is sealed in the database, for trying key-encryption keys on and for moving it to another.

use sealgate_shared::id::TenantId;
use sqlx::types::Text;

use super::{Store, StoreResult};

/// A column that holds sealed secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealedColumn {
    FingerprintKey,
    SigningKey,
    EdgeSecret,
    NextEdgeSecret,
    AuditKey,
    ProviderSecret,
}

/// A sealed secret and where it was found.
#[derive(Debug)]
pub struct SealedRow {
    /// The row's id.
    pub id: String,
    pub tenant: Option<TenantId>,
    pub sealed: Vec<u8>,
    /// Whether anything opens it still. What is revoked is kept, and rests.
    pub in_use: bool,
}

impl SealedColumn {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::FingerprintKey,
        Self::SigningKey,
        Self::EdgeSecret,
        Self::NextEdgeSecret,
        Self::AuditKey,
        Self::ProviderSecret,
    ];

    /// Its table and its own name.
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::FingerprintKey => ("tenants", "fingerprint_key"),
            Self::SigningKey => ("signing_keys", "sealed"),
            Self::EdgeSecret => ("edges", "sealed_secret"),
            Self::NextEdgeSecret => ("edges", "next_sealed_secret"),
            Self::AuditKey => ("audit_chain", "sealed_key"),
            Self::ProviderSecret => ("oidc_providers", "sealed_secret"),
        }
    }

    const fn select(self) -> &'static str {
        match self {
            Self::FingerprintKey => {
                "select id, id, fingerprint_key, true from tenants where id > $1 order by id limit $2"
            }
            Self::SigningKey => {
                "select id, tenant, sealed, state <> 'revoked' from signing_keys \
                where sealed is not null and id > $1 order by id limit $2"
            }
            Self::EdgeSecret => {
                "select id, cast(null as text), sealed_secret, revoked_at is null from edges \
                where id > $1 order by id limit $2"
            }
            Self::NextEdgeSecret => {
                "select id, cast(null as text), next_sealed_secret, revoked_at is null from edges \
                where next_sealed_secret is not null and id > $1 order by id limit $2"
            }
            Self::AuditKey => {
                "select id, cast(null as text), sealed_key, true from audit_chain where id > $1 order by id limit $2"
            }
            // A provider is named by its tenant as well.
            Self::ProviderSecret => {
                "select tenant || '/' || id, tenant, sealed_secret, true from oidc_providers \
                where sealed_secret is not null and tenant || '/' || id > $1 order by tenant || '/' || id limit $2"
            }
        }
    }

    const fn update(self) -> &'static str {
        match self {
            Self::FingerprintKey => "update tenants set fingerprint_key = $1 where id = $2 and fingerprint_key = $3",
            Self::SigningKey => "update signing_keys set sealed = $1 where id = $2 and sealed = $3",
            Self::EdgeSecret => "update edges set sealed_secret = $1 where id = $2 and sealed_secret = $3",
            Self::NextEdgeSecret => {
                "update edges set next_sealed_secret = $1 where id = $2 and next_sealed_secret = $3"
            }
            Self::AuditKey => "update audit_chain set sealed_key = $1 where id = $2 and sealed_key = $3",
            Self::ProviderSecret => {
                "update oidc_providers set sealed_secret = $1 where tenant || '/' || id = $2 and sealed_secret = $3"
            }
        }
    }
}

impl Store {
    /// The column's next secrets behind the row `after`, by id; the empty text is before every row.
    pub async fn sealed_page(&self, column: SealedColumn, after: &str, limit: u32) -> StoreResult<Vec<SealedRow>> {
        type Row = (String, Option<Text<TenantId>>, Vec<u8>, bool);
        let rows: Vec<Row> = self.read.fetch_all(column.select(), &[&after, &i64::from(limit)]).await?;
        let rows = rows.into_iter().map(|(id, tenant, sealed, in_use)| SealedRow {
            id,
            tenant: tenant.map(|tenant| tenant.0),
            sealed,
            in_use,
        });
        Ok(rows.collect())
    }

    /// Puts `new` in the place of `old`; `false` when `old` is not there any more.
    pub async fn replace_sealed(&self, column: SealedColumn, id: &str, old: &[u8], new: &[u8]) -> StoreResult<bool> {
        Ok(self.write.execute(column.update(), &[&new, &id, &old]).await? == 1)
    }

    /// How many of the secrets in use are sealed under each key-encryption key, whose id is bytes 2 to 9 of a blob.
    pub async fn count_sealed_by_kek(&self) -> StoreResult<Vec<(Vec<u8>, u64)>> {
        const SQL: &str = "select kek, count(*) from ( \
            select substr(fingerprint_key, 2, 8) as kek from tenants \
            union all select substr(sealed, 2, 8) from signing_keys where sealed is not null and state <> 'revoked' \
            union all select substr(sealed_secret, 2, 8) from edges where revoked_at is null \
            union all select substr(next_sealed_secret, 2, 8) from edges \
                where next_sealed_secret is not null and revoked_at is null \
            union all select substr(sealed_key, 2, 8) from audit_chain \
            union all select substr(sealed_secret, 2, 8) from oidc_providers where sealed_secret is not null \
            ) as sealed group by kek order by kek";
        let rows: Vec<(Vec<u8>, i64)> = self.read.fetch_all(SQL, &[]).await?;
        Ok(rows.into_iter().map(|(kek, count)| (kek, count.unsigned_abs())).collect())
    }
}
