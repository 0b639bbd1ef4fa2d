//! Disabling tenants, enabling them again, and deleting them: what goes with it goes in one transaction.

use sealgate_shared::id::TenantId;
use sealgate_shared::time::UnixMillis;

use super::note;
use crate::session::RevokedReason;
use crate::store::audit::AuditEvent;
use crate::store::engine::Transaction;
use crate::store::revocations::{Mark, Whose};
use crate::store::timestamp::Timestamp;
use crate::store::{Store, StoreResult, counters, revocations};

/// How much went with a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeletedTenant {
    pub sessions: u64,
    pub keys: u64,
    pub tokens: u64,
}

impl Store {
    /// Disables a tenant and ends its live sessions; `None` when there is no such tenant that is enabled. Otherwise,
    /// how many sessions have ended.
    pub async fn disable_tenant(&self, tenant: &TenantId, now: UnixMillis) -> StoreResult<Option<u64>> {
        let mut transaction = self.write.begin().await?;
        counters::bump_keyring(&mut transaction).await?;
        counters::bump_credentials(&mut transaction).await?;
        // From here on no session can be stored: who stores one reads this row first, and waits for us to be done.
        if !mark_disabled(&mut transaction, tenant, now).await? {
            return Ok(None);
        }
        let ended = end_sessions(&mut transaction, tenant, now).await?;
        let detail = format!("{ended} sessions ended");
        note(&mut transaction, tenant, AuditEvent::TenantDisabled, Some(&detail), now).await?;
        let newest = find_newest(&mut transaction, tenant).await?;
        revocations::add_mark(&mut transaction, &Mark { tenant, whose: Whose::Tenant, newest }, now).await?;
        transaction.commit().await?;
        Ok(Some(ended))
    }

    /// Enables a tenant again; `false` when there is no such tenant that is disabled. What ended stays ended.
    pub async fn enable_tenant(&self, tenant: &TenantId, now: UnixMillis) -> StoreResult<bool> {
        const SQL: &str = "update tenants set disabled_at = null where id = $1 and disabled_at is not null";
        let mut transaction = self.write.begin().await?;
        counters::bump_keyring(&mut transaction).await?;
        counters::bump_credentials(&mut transaction).await?;
        if transaction.execute(SQL, &[&tenant.as_str()]).await? == 0 {
            return Ok(false);
        }
        note(&mut transaction, tenant, AuditEvent::TenantEnabled, None, now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Deletes a tenant and everything of it: sessions, keys, service tokens, hosts, its places at edges. What was
    /// revoked, and that it is gone, stays in the sequence of revocations. `None` when there is no such tenant.
    pub async fn delete_tenant(&self, tenant: &TenantId, now: UnixMillis) -> StoreResult<Option<DeletedTenant>> {
        let mut transaction = self.write.begin().await?;
        counters::bump_keyring(&mut transaction).await?;
        counters::bump_credentials(&mut transaction).await?;
        // For its lock, as above; whether it was disabled before makes no difference.
        mark_disabled(&mut transaction, tenant, now).await?;
        let newest = find_newest(&mut transaction, tenant).await?;
        // Sessions before the keys they refer to: those who would delete a key under a session are refused.
        let sessions = delete_sessions(&mut transaction, tenant).await?;
        let keys = delete_keys(&mut transaction, tenant).await?;
        let tokens = delete_tokens(&mut transaction, tenant).await?;
        if !delete_row(&mut transaction, tenant).await? {
            return Ok(None);
        }
        let detail = format!("{sessions} sessions, {keys} keys and {tokens} service tokens went with it");
        note(&mut transaction, tenant, AuditEvent::TenantDeleted, Some(&detail), now).await?;
        revocations::add_mark(&mut transaction, &Mark { tenant, whose: Whose::Tenant, newest }, now).await?;
        transaction.commit().await?;
        Ok(Some(DeletedTenant { sessions, keys, tokens }))
    }
}

async fn mark_disabled(transaction: &mut Transaction, tenant: &TenantId, now: UnixMillis) -> StoreResult<bool> {
    const SQL: &str = "update tenants set disabled_at = $1 where id = $2 and disabled_at is null";
    Ok(transaction.execute(SQL, &[&Timestamp(now), &tenant.as_str()]).await? == 1)
}

/// Revokes the tenant's live sessions, those of people who are about to sign in among them; how many there were.
async fn end_sessions(transaction: &mut Transaction, tenant: &TenantId, now: UnixMillis) -> StoreResult<u64> {
    const SQL: &str = "update sessions set revoked_at = $1, revoked_reason = $2 \
        where tenant = $3 and revoked_at is null and idle_expires_at > $1";
    transaction.execute(SQL, &[&Timestamp(now), &RevokedReason::Admin.as_str(), &tenant.as_str()]).await
}

/// When the newest of the tenant's tokens was issued.
async fn find_newest(transaction: &mut Transaction, tenant: &TenantId) -> StoreResult<Option<UnixMillis>> {
    const SQL: &str = "select max(issued_at) from sessions where tenant = $1";
    let (newest,): (Option<Timestamp>,) = transaction.fetch_one(SQL, &[&tenant.as_str()]).await?;
    Ok(newest.map(|at| at.0))
}

async fn delete_sessions(transaction: &mut Transaction, tenant: &TenantId) -> StoreResult<u64> {
    transaction.execute("delete from sessions where tenant = $1", &[&tenant.as_str()]).await
}

async fn delete_keys(transaction: &mut Transaction, tenant: &TenantId) -> StoreResult<u64> {
    transaction.execute("delete from signing_keys where tenant = $1", &[&tenant.as_str()]).await
}

async fn delete_tokens(transaction: &mut Transaction, tenant: &TenantId) -> StoreResult<u64> {
    transaction.execute("delete from service_tokens where tenant = $1", &[&tenant.as_str()]).await
}

/// Hosts and places at edges go with the row.
async fn delete_row(transaction: &mut Transaction, tenant: &TenantId) -> StoreResult<bool> {
    Ok(transaction.execute("delete from tenants where id = $1", &[&tenant.as_str()]).await? == 1)
}
