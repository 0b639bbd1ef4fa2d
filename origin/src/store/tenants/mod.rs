//! The table `tenants`.

mod life;
mod list;
mod lock;

use sealgate_shared::id::TenantId;
use sealgate_shared::time::UnixMillis;

pub use life::DeletedTenant;
pub use list::TenantSummary;
pub(super) use lock::{hold, lock};

use super::audit::{self, AuditEntry, AuditEvent};
use super::engine::{Bind, Transaction};
use super::timestamp::Timestamp;
use super::{NewKey, Store, StoreResult, counters, signing_keys, tenant_hosts};
use crate::host_name::HostName;

/// A tenant to be made, with the keys it starts with.
#[derive(Debug)]
pub struct NewTenant<'a> {
    pub id: &'a TenantId,
    pub sealed_fingerprint_key: Vec<u8>,
    pub active: NewKey,
    pub pending: NewKey,
    pub hosts: &'a [HostName],
}

/// What is needed to work for a tenant.
#[derive(Debug)]
pub struct TenantRow {
    pub sealed_fingerprint_key: Vec<u8>,
    /// Disabled: nobody has a session, and nobody gets one.
    pub disabled: bool,
}

/// Where a tenant stands when a request for one of its sites comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    pub disabled: bool,
    /// Whether the host is one of the tenant's; a tenant that has none named answers to all.
    pub host_known: bool,
}

impl Store {
    /// Makes a tenant with one active and one pending key; [`super::StoreError::Exists`] when it is there,
    /// [`super::StoreError::HostTaken`] when another has one of the hosts.
    pub async fn create_tenant(&self, tenant: &NewTenant<'_>, now: UnixMillis) -> StoreResult<()> {
        let mut transaction = self.write.begin().await?;
        counters::bump_keyring(&mut transaction).await?;
        counters::bump_credentials(&mut transaction).await?;
        insert(&mut transaction, tenant, now).await?;
        signing_keys::insert_active(&mut transaction, tenant.id, &tenant.active, now).await?;
        signing_keys::insert_pending(&mut transaction, tenant.id, &tenant.pending, now).await?;
        tenant_hosts::insert_all(&mut transaction, tenant.id, tenant.hosts).await?;
        let hosts = tenant_hosts::describe(tenant.hosts);
        note(&mut transaction, tenant.id, AuditEvent::TenantCreated, Some(&hosts), now).await?;
        transaction.commit().await
    }

    /// The tenant; `None` when there is none of that id.
    pub async fn tenant(&self, id: &TenantId) -> StoreResult<Option<TenantRow>> {
        const SQL: &str = "select fingerprint_key, disabled_at is not null from tenants where id = $1";
        let row: Option<(Vec<u8>, bool)> = self.read.fetch_optional(SQL, &[&id.as_str()]).await?;
        Ok(row.map(|(sealed_fingerprint_key, disabled)| TenantRow { sealed_fingerprint_key, disabled }))
    }

    /// Where the tenant stands, asked by this host; `None` when there is none of that id.
    pub async fn site(&self, tenant: &TenantId, host: &str) -> StoreResult<Option<Site>> {
        const SQL: &str = "select disabled_at is not null, \
            exists (select 1 from tenant_hosts where tenant = tenants.id and host = $2) \
            or not exists (select 1 from tenant_hosts where tenant = tenants.id) from tenants where id = $1";
        let row: Option<(bool, bool)> = self.read.fetch_optional(SQL, &[&tenant.as_str(), &host]).await?;
        Ok(row.map(|(disabled, host_known)| Site { disabled, host_known }))
    }
}

/// Writes down what has become of a tenant.
pub(super) async fn note(
    transaction: &mut Transaction,
    tenant: &TenantId,
    event: AuditEvent,
    detail: Option<&str>,
    now: UnixMillis,
) -> StoreResult<()> {
    audit::add(transaction, &AuditEntry { detail, ..AuditEntry::new(tenant, event) }, now).await
}

async fn insert(transaction: &mut Transaction, tenant: &NewTenant<'_>, now: UnixMillis) -> StoreResult<()> {
    const SQL: &str = "insert into tenants (id, fingerprint_key, created_at) values ($1, $2, $3)";
    let values: [&dyn Bind; 3] = [&tenant.id.as_str(), &tenant.sealed_fingerprint_key, &Timestamp(now)];
    transaction.execute(SQL, &values).await.map(drop)
}
