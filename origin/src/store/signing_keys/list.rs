//! Listing a tenant's keys, for operators.

use sealgate_shared::id::{KeyId, TenantId};
use sealgate_shared::time::UnixMillis;
use sqlx::types::Text;

use super::KeyState;
use crate::store::timestamp::Timestamp;
use crate::store::{Store, StoreResult};

/// A key as its operator sees it.
#[derive(Clone, Debug)]
pub struct KeySummary {
    pub id: KeyId,
    pub state: KeyState,
    pub created_at: UnixMillis,
    pub activated_at: Option<UnixMillis>,
    pub retired_at: Option<UnixMillis>,
    /// Sessions whose present tokens it signed.
    pub live_sessions: u64,
}

impl Store {
    /// Every key the tenant has or had, in the order they were made.
    pub async fn list_keys(&self, tenant: &TenantId, now: UnixMillis) -> StoreResult<Vec<KeySummary>> {
        const SQL: &str = "select id, state, created_at, activated_at, retired_at, \
            (select count(*) from sessions where sessions.signing_key = signing_keys.id \
             and sessions.tenant = signing_keys.tenant and pre_login = 0 and revoked_at is null \
             and idle_expires_at > $2) \
            from signing_keys where tenant = $1 order by created_at, id";
        type Row = (Text<KeyId>, Text<KeyState>, Timestamp, Option<Timestamp>, Option<Timestamp>, i64);
        let rows: Vec<Row> =
            sqlx::query_as(SQL).bind(tenant.as_str()).bind(Timestamp(now)).fetch_all(&self.read).await?;
        let keys = rows.into_iter().map(|(id, state, created_at, activated_at, retired_at, live)| KeySummary {
            id: id.0,
            state: state.0,
            created_at: created_at.0,
            activated_at: activated_at.map(|at| at.0),
            retired_at: retired_at.map(|at| at.0),
            live_sessions: live.unsigned_abs(),
        });
        Ok(keys.collect())
    }
}
