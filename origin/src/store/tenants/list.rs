//! Tenants as their operator sees them.

use sealgate_shared::id::TenantId;
use sealgate_shared::time::UnixMillis;
use sqlx::types::Text;

use crate::host_name::HostName;
use crate::store::timestamp::Timestamp;
use crate::store::{Store, StoreResult};

/// A tenant as its operator sees it.
#[derive(Clone, Debug)]
pub struct TenantSummary {
    pub id: TenantId,
    /// Sorted.
    pub hosts: Vec<HostName>,
    pub created_at: UnixMillis,
    pub disabled_at: Option<UnixMillis>,
    pub live_sessions: u64,
}

#[derive(sqlx::FromRow)]
struct SummaryRow {
    id: Text<TenantId>,
    created_at: Timestamp,
    disabled_at: Option<Timestamp>,
    live_sessions: i64,
}

/// The columns of [`SummaryRow`]; `$1` is the time now.
macro_rules! columns {
    () => {
        "id, created_at, disabled_at, (select count(*) from sessions where sessions.tenant = tenants.id \
         and pre_login = false and revoked_at is null and idle_expires_at > $1) as live_sessions"
    };
}

impl Store {
    /// Every tenant, by id.
    pub async fn list_tenants(&self, now: UnixMillis) -> StoreResult<Vec<TenantSummary>> {
        self.page_tenants(None, u32::MAX, now).await
    }

    /// As many tenants as `limit` says, by id, from the one behind `after` on.
    pub async fn page_tenants(
        &self,
        after: Option<&TenantId>,
        limit: u32,
        now: UnixMillis,
    ) -> StoreResult<Vec<TenantSummary>> {
        // The empty text is before every id.
        const SQL: &str = concat!("select ", columns!(), " from tenants where id > $2 order by id limit $3");
        let after = after.map_or("", TenantId::as_str);
        let rows: Vec<SummaryRow> = self.read.fetch_all(SQL, &[&Timestamp(now), &after, &i64::from(limit)]).await?;
        let Some(last) = rows.last() else { return Ok(Vec::new()) };
        let hosts = self.hosts_of_page(after, &last.id.0).await?;
        let mut hosts = hosts.into_iter().peekable();
        let mut tenants: Vec<TenantSummary> = rows.into_iter().map(TenantSummary::from).collect();
        for tenant in &mut tenants {
            // Both lists are in one order; a host of a tenant made or deleted in between is passed over.
            while hosts.next_if(|(owner, _)| *owner < tenant.id).is_some() {}
            while let Some((_, host)) = hosts.next_if(|(owner, _)| *owner == tenant.id) {
                tenant.hosts.push(host);
            }
        }
        Ok(tenants)
    }

    /// One tenant; `None` when there is none of that id.
    pub async fn show_tenant(&self, id: &TenantId, now: UnixMillis) -> StoreResult<Option<TenantSummary>> {
        const SQL: &str = concat!("select ", columns!(), " from tenants where id = $2");
        let row: Option<SummaryRow> = self.read.fetch_optional(SQL, &[&Timestamp(now), &id.as_str()]).await?;
        let Some(row) = row else { return Ok(None) };
        let hosts = self.tenant_hosts(id).await?;
        Ok(Some(TenantSummary { hosts, ..row.into() }))
    }
}

impl From<SummaryRow> for TenantSummary {
    fn from(row: SummaryRow) -> Self {
        Self {
            id: row.id.0,
            hosts: Vec::new(),
            created_at: row.created_at.0,
            disabled_at: row.disabled_at.map(|at| at.0),
            live_sessions: row.live_sessions.unsigned_abs(),
        }
    }
}
