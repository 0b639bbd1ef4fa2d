//! The table `service_tokens`.

use sealgate_shared::id::TenantId;
use sealgate_shared::time::UnixMillis;
use sqlx::types::Text;

use super::audit::{self, AuditEntry, AuditEvent};
use super::engine::{Bind, Transaction};
use super::timestamp::Timestamp;
use super::{Store, StoreResult, counters};
use crate::credential::Scopes;

/// A service token to be stored.
#[derive(Debug)]
pub struct NewServiceToken<'a> {
    pub public_id: &'a str,
    /// `None` is an operator's.
    pub tenant: Option<&'a TenantId>,
    pub name: &'a str,
    pub secret_hash: [u8; 32],
    pub scopes: Scopes,
}

/// What is known of a service token that has not been revoked.
#[derive(Debug)]
pub struct ServiceTokenRow {
    /// `None` is an operator's.
    pub tenant: Option<TenantId>,
    pub secret_hash: Vec<u8>,
    pub scopes: Scopes,
}

/// A token as its operator sees it.
#[derive(Clone, Debug)]
pub struct ServiceTokenSummary {
    /// The part that names it, which is no secret.
    pub id: String,
    /// `None` is an operator's.
    pub tenant: Option<TenantId>,
    pub name: String,
    pub scopes: Scopes,
    pub created_at: UnixMillis,
    pub revoked_at: Option<UnixMillis>,
}

#[derive(sqlx::FromRow)]
struct SummaryRow {
    id: String,
    tenant: Option<Text<TenantId>>,
    name: String,
    scopes: Text<Scopes>,
    created_at: Timestamp,
    revoked_at: Option<Timestamp>,
}

impl Store {
    /// Stores a service token.
    pub async fn create_service_token(&self, token: &NewServiceToken<'_>, now: UnixMillis) -> StoreResult<()> {
        let mut transaction = self.write.begin().await?;
        counters::bump_credentials(&mut transaction).await?;
        insert(&mut transaction, token, now).await?;
        let detail = format!("{}, for {}", token.public_id, token.scopes);
        note(&mut transaction, token.tenant, AuditEvent::TokenCreated, &detail, now).await?;
        transaction.commit().await
    }

    /// Finds the token of that public id, unless it was revoked.
    pub async fn service_token(&self, public_id: &str) -> StoreResult<Option<ServiceTokenRow>> {
        const SQL: &str = "select tenant, secret_hash, scopes from service_tokens where id = $1 and revoked_at is null";
        type Row = (Option<Text<TenantId>>, Vec<u8>, Text<Scopes>);
        let row: Option<Row> = self.read.fetch_optional(SQL, &[&public_id]).await?;
        Ok(row.map(|(tenant, secret_hash, scopes)| ServiceTokenRow {
            tenant: tenant.map(|tenant| tenant.0),
            secret_hash,
            scopes: scopes.0,
        }))
    }

    /// The tokens of one tenant, or those of operators and of all tenants, the revoked ones included, in the order
    /// they were made.
    pub async fn list_service_tokens(&self, tenant: Option<&TenantId>) -> StoreResult<Vec<ServiceTokenSummary>> {
        const SQL: &str = "select id, tenant, name, scopes, created_at, revoked_at from service_tokens \
            where cast($1 as text) is null or tenant = $1 \
            order by tenant is not null, tenant, created_at, id";
        let rows: Vec<SummaryRow> = self.read.fetch_all(SQL, &[&tenant.map(ToString::to_string)]).await?;
        Ok(rows.into_iter().map(ServiceTokenSummary::from).collect())
    }

    /// Revokes one token; `None` when there is none of that id that has not been revoked.
    pub async fn revoke_service_token(&self, id: &str, now: UnixMillis) -> StoreResult<Option<ServiceTokenSummary>> {
        const SQL: &str = "update service_tokens set revoked_at = $1 where id = $2 and revoked_at is null \
            returning id, tenant, name, scopes, created_at, revoked_at";
        let mut transaction = self.write.begin().await?;
        counters::bump_credentials(&mut transaction).await?;
        let row: Option<SummaryRow> = transaction.fetch_optional(SQL, &[&Timestamp(now), &id]).await?;
        let Some(row) = row else { return Ok(None) };
        let tenant = row.tenant.as_ref().map(|tenant| &tenant.0);
        note(&mut transaction, tenant, AuditEvent::TokenRevoked, &row.id, now).await?;
        transaction.commit().await?;
        Ok(Some(row.into()))
    }

    /// Revokes every token of that name; how many there were.
    pub async fn revoke_service_tokens(&self, tenant: &TenantId, name: &str, now: UnixMillis) -> StoreResult<u64> {
        const SQL: &str = "update service_tokens set revoked_at = $1 \
            where tenant = $2 and name = $3 and revoked_at is null returning id";
        let mut transaction = self.write.begin().await?;
        counters::bump_credentials(&mut transaction).await?;
        let revoked: Vec<(String,)> = transaction.fetch_all(SQL, &[&Timestamp(now), &tenant.as_str(), &name]).await?;
        for (id,) in &revoked {
            note(&mut transaction, Some(tenant), AuditEvent::TokenRevoked, id, now).await?;
        }
        transaction.commit().await?;
        Ok(u64::try_from(revoked.len()).unwrap_or(u64::MAX))
    }
}

/// Writes down what has become of a token. What people call it stays out: it may be somebody's name.
async fn note(
    transaction: &mut Transaction,
    tenant: Option<&TenantId>,
    event: AuditEvent,
    detail: &str,
    now: UnixMillis,
) -> StoreResult<()> {
    let Some(tenant) = tenant else { return audit::add_at_large(transaction, event, detail, now).await };
    audit::add(transaction, &AuditEntry { detail: Some(detail), ..AuditEntry::new(tenant, event) }, now).await
}

async fn insert(transaction: &mut Transaction, token: &NewServiceToken<'_>, now: UnixMillis) -> StoreResult<()> {
    const SQL: &str = "insert into service_tokens (id, tenant, name, secret_hash, scopes, created_at) \
        values ($1, $2, $3, $4, $5, $6)";
    let values: [&dyn Bind; 6] = [
        &token.public_id,
        &token.tenant.map(ToString::to_string),
        &token.name,
        &token.secret_hash.as_slice(),
        &Text(token.scopes),
        &Timestamp(now),
    ];
    transaction.execute(SQL, &values).await.map(drop)
}

impl From<SummaryRow> for ServiceTokenSummary {
    fn from(row: SummaryRow) -> Self {
        Self {
            id: row.id,
            tenant: row.tenant.map(|tenant| tenant.0),
            name: row.name,
            scopes: row.scopes.0,
            created_at: row.created_at.0,
            revoked_at: row.revoked_at.map(|at| at.0),
        }
    }
}
