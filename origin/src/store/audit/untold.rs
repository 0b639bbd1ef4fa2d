//! What must have been written down, and is not there.

use sealgate_shared::id::TenantId;
use sqlx::types::Text;

use super::AuditEvent;
use crate::store::engine::Statement;
use crate::store::{Store, StoreResult};

impl Store {
    /// A tenant that is there, and of whose making no row tells. `None` also where nothing can be said of that: tenants that
    /// are older than the program that writes it down have no such row, and only of a database that never was of an earlier
    /// one, for all its migrations were applied together, is it known that none of its tenants is.
    pub async fn find_untold_tenant(&self) -> StoreResult<Option<TenantId>> {
        const SQL: &str = "select id from tenants where not exists \
            (select 1 from audit where audit.tenant = tenants.id and event = $1) order by id limit 1";
        if !self.was_audited_from_the_first().await? {
            return Ok(None);
        }
        let found: Option<(Text<TenantId>,)> =
            self.read.fetch_optional(SQL, &[&AuditEvent::TenantCreated.as_str()]).await?;
        Ok(found.map(|(tenant,)| tenant.0))
    }

    /// Whether the chain is as old as the database, by the database's own clock.
    async fn was_audited_from_the_first(&self) -> StoreResult<bool> {
        const SQL: Statement = Statement {
            sqlite: "select count(*) = 2 and max(unixepoch(installed_on)) - min(unixepoch(installed_on)) < 60 \
                from _sqlx_migrations where version in (1, 14)",
            postgres: "select count(*) = 2 and max(installed_on) - min(installed_on) < interval '60 seconds' \
                from _sqlx_migrations where version in (1, 14)",
        };
        let (was,): (Option<bool>,) = self.read.fetch_one(SQL, &[]).await?;
        Ok(was == Some(true))
    }
}
