//! A tenant as the API shows it.

use sealgate_shared::id::TenantId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::host_name::HostName;
use crate::iso8601;
use crate::store::TenantSummary;

/// What an operator sees, and `sealgate tenants --json`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tenant)]
pub(crate) struct TenantObject {
    #[schema(value_type = String)]
    id: TenantId,
    #[schema(value_type = Vec<String>)]
    hosts: Vec<HostName>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    disabled_at: Option<String>,
    live_sessions: u64,
}

impl From<TenantSummary> for TenantObject {
    fn from(tenant: TenantSummary) -> Self {
        Self {
            id: tenant.id,
            hosts: tenant.hosts,
            created_at: iso8601::format(tenant.created_at),
            disabled_at: tenant.disabled_at.map(iso8601::format),
            live_sessions: tenant.live_sessions,
        }
    }
}
