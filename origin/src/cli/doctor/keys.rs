//! Whether each tenant can sign, can rotate at once, and has an edge.

use sealgate_shared::id::TenantId;
use sealgate_shared::time::UnixMillis;

use super::report::Report;
use crate::cli::when::describe_span;
use crate::office::Office;
use crate::store::{KeyState, KeySummary, StoreResult};

const CHECK: &str = "keys";
/// A key that has signed for longer should have been rotated. Twice the month that is usual.
const OLD: u64 = 60 * 86_400_000;

pub(super) async fn check(office: &Office, report: &mut Report) {
    if let Err(error) = examine(office, report).await {
        report.problem(CHECK, error.to_string(), "See what is said of the database.");
    }
}

async fn examine(office: &Office, report: &mut Report) -> StoreResult<()> {
    let now = office.now();
    let tenants = office.store().list_tenants(now).await?;
    if tenants.is_empty() {
        report.warning(CHECK, "there is no tenant yet", "sealgate tenants create ID");
        return Ok(());
    }
    let edges = office.store().list_edges().await?;
    let mut oldest = 0;
    for tenant in &tenants {
        let keys = office.store().list_keys(&tenant.id, now).await?;
        oldest = oldest.max(check_tenant(&tenant.id, &keys, now, report));
        let served = edges.iter().any(|edge| edge.revoked_at.is_none() && edge.tenants.contains(&tenant.id));
        if !served {
            let advice = format!("sealgate edges create NAME --tenant {}", tenant.id);
            report.warning(CHECK, format!("no edge serves tenant {}", tenant.id), advice);
        }
    }
    if report.is_clean(CHECK) {
        let (number, age) = (tenants.len(), describe_span(oldest));
        report
            .ok(CHECK, format!("tenants: {number}, each with an active and a pending key; the oldest signs for {age}"));
    }
    Ok(())
}

/// How long the tenant's active key has been signing.
fn check_tenant(tenant: &TenantId, keys: &[KeySummary], now: UnixMillis, report: &mut Report) -> u64 {
    let of = |state| keys.iter().filter(move |key| key.state == state);
    for state in [KeyState::Active, KeyState::Pending] {
        if of(state).count() != 1 {
            let message = format!("tenant {tenant} has no {} signing key", state.as_str());
            report.problem(CHECK, message, "The database was altered by hand: restore a backup.");
        }
    }
    let age = of(KeyState::Active).filter_map(|key| key.activated_at).map(|at| now.since(at)).max().unwrap_or_default();
    if age > OLD {
        let message = format!("tenant {tenant} has signed with one key for {}", describe_span(age));
        report.warning(CHECK, message, format!("sealgate keys rotate --tenant {tenant} (nobody is signed out)"));
    }
    age
}
