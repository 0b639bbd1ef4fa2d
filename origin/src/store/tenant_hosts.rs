//! The table `tenant_hosts`.

use sealgate_shared::id::TenantId;
use sealgate_shared::time::UnixMillis;
use sqlx::types::Text;

use super::audit::AuditEvent;
use super::engine::Transaction;
use super::{Store, StoreError, StoreResult, counters, tenants};
use crate::host_name::HostName;

impl Store {
    /// Puts these hosts in the place of those the tenant had; whether there is such a tenant.
    /// [`StoreError::HostTaken`], and nothing is changed, when another has one of them.
    pub async fn replace_hosts(&self, tenant: &TenantId, hosts: &[HostName], now: UnixMillis) -> StoreResult<bool> {
        let mut transaction = self.write.begin().await?;
        counters::bump_credentials(&mut transaction).await?;
        if !tenants::lock(&mut transaction, tenant).await? {
            return Ok(false);
        }
        delete_all(&mut transaction, tenant).await?;
        insert_all(&mut transaction, tenant, hosts).await?;
        tenants::note(&mut transaction, tenant, AuditEvent::TenantHosts, Some(&describe(hosts)), now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The tenant's hosts, sorted.
    pub(super) async fn tenant_hosts(&self, tenant: &TenantId) -> StoreResult<Vec<HostName>> {
        const SQL: &str = "select host from tenant_hosts where tenant = $1 order by host";
        let rows: Vec<(Text<HostName>,)> = self.read.fetch_all(SQL, &[&tenant.as_str()]).await?;
        Ok(rows.into_iter().map(|(host,)| host.0).collect())
    }

    /// The hosts of the tenants behind `after` up to `last`, sorted by tenant.
    pub(super) async fn hosts_of_page(&self, after: &str, last: &TenantId) -> StoreResult<Vec<(TenantId, HostName)>> {
        const SQL: &str =
            "select tenant, host from tenant_hosts where tenant > $1 and tenant <= $2 order by tenant, host";
        let rows: Vec<(Text<TenantId>, Text<HostName>)> = self.read.fetch_all(SQL, &[&after, &last.as_str()]).await?;
        Ok(rows.into_iter().map(|(tenant, host)| (tenant.0, host.0)).collect())
    }
}

/// Stores the hosts of a tenant; the first that another tenant has is named.
pub(super) async fn insert_all(
    transaction: &mut Transaction,
    tenant: &TenantId,
    hosts: &[HostName],
) -> StoreResult<()> {
    for host in hosts {
        if !insert(transaction, tenant, host).await? {
            return Err(StoreError::HostTaken(host.clone()));
        }
    }
    Ok(())
}

/// The hosts in words.
pub(super) fn describe(hosts: &[HostName]) -> String {
    if hosts.is_empty() {
        return "any host".to_owned();
    }
    hosts.iter().map(HostName::as_str).collect::<Vec<_>>().join(", ")
}

async fn insert(transaction: &mut Transaction, tenant: &TenantId, host: &HostName) -> StoreResult<bool> {
    const SQL: &str = "insert into tenant_hosts (host, tenant) values ($1, $2) on conflict (host) do nothing";
    Ok(transaction.execute(SQL, &[&host.as_str(), &tenant.as_str()]).await? == 1)
}

async fn delete_all(transaction: &mut Transaction, tenant: &TenantId) -> StoreResult<()> {
    const SQL: &str = "delete from tenant_hosts where tenant = $1";
    transaction.execute(SQL, &[&tenant.as_str()]).await.map(drop)
}
