//! Keeping a tenant as it is while something of it is changed. It is locked before what belongs to it, also by whoever deletes
//! it: so nobody waits in a circle.

use sealgate_shared::id::TenantId;

use crate::store::StoreResult;
use crate::store::engine::{Statement, Transaction};

/// Keeps everybody else who does this, or [`hold`], waiting until the transaction ends; whether the tenant is there.
pub(in crate::store) async fn lock(transaction: &mut Transaction, tenant: &TenantId) -> StoreResult<bool> {
    const SQL: &str = "update tenants set id = id where id = $1";
    Ok(transaction.execute(SQL, &[&tenant.as_str()]).await? == 1)
}

/// Keeps the tenant from being deleted until the transaction ends; others may hold it, too.
pub(in crate::store) async fn hold(transaction: &mut Transaction, tenant: &TenantId) -> StoreResult<()> {
    const SQL: Statement = Statement {
        sqlite: "select id from tenants where id = $1",
        postgres: "select id from tenants where id = $1 for share",
    };
    let _: Option<(String,)> = transaction.fetch_optional(SQL, &[&tenant.as_str()]).await?;
    Ok(())
}
