//! Listing a tenant's keys, for operators.

use sealgate_shared::id::{KeyId, TenantId};
use sealgate_shared::time::UnixMillis;
use sqlx::types::Text;

use super::KeyState;
use super::expire::MARGIN_MS;
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
    /// When it left the keyring as far as tokens go.
    pub withdrawn_at: Option<UnixMillis>,
    pub revoked_at: Option<UnixMillis>,
    pub destroyed_at: Option<UnixMillis>,
    /// Sessions whose present tokens it signed.
    pub live_sessions: u64,
    /// What keeps it from being destroyed; `None` when nothing does.
    pub holders: Option<KeyHolders>,
}

impl KeySummary {
    /// When its state began.
    pub fn since(&self) -> UnixMillis {
        let at = match self.state {
            KeyState::Pending => None,
            KeyState::Active => self.activated_at,
            KeyState::Retired => self.retired_at,
            KeyState::Revoked => self.revoked_at,
            KeyState::Destroyed => self.destroyed_at,
        };
        at.unwrap_or(self.created_at)
    }

    /// Between which times it can be destroyed when it stops, or stopped, signing at `stopped_at` and its last token is
    /// dead `last_token_after` milliseconds later: as soon as that, when its sessions go on under another key, and once
    /// the last of them has ended, when they don't.
    pub fn destruction(&self, stopped_at: UnixMillis, last_token_after: u64) -> (UnixMillis, UnixMillis) {
        let earliest = stopped_at.plus(last_token_after);
        let latest = self.holders.map(|holders| holders.until.plus(MARGIN_MS));
        (earliest, latest.map_or(earliest, |latest| latest.max(earliest)))
    }
}

/// The live sessions that name a key, as the one that signed their tokens or the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyHolders {
    /// When the last of them ends whatever is done with it.
    pub until: UnixMillis,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Text<KeyId>,
    state: Text<KeyState>,
    created_at: Timestamp,
    activated_at: Option<Timestamp>,
    retired_at: Option<Timestamp>,
    withdrawn_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    destroyed_at: Option<Timestamp>,
    live: i64,
    until: Option<Timestamp>,
    previous_until: Option<Timestamp>,
}

/// Something of the live sessions that name the key in a column.
macro_rules! of_live {
    ($what:literal, $column:literal) => {
        concat!(
            "(select ",
            $what,
            " from sessions where sessions.",
            $column,
            " = signing_keys.id and sessions.revoked_at is null and sessions.idle_expires_at > $2)"
        )
    };
}

impl Store {
    /// Every key the tenant has, and those it had not long ago, in the order they were made.
    pub async fn list_keys(&self, tenant: &TenantId, now: UnixMillis) -> StoreResult<Vec<KeySummary>> {
        const SQL: &str = concat!(
            "select id, state, created_at, activated_at, retired_at, withdrawn_at, revoked_at, destroyed_at, \
             (select count(*) from sessions where sessions.signing_key = signing_keys.id and pre_login = false \
              and sessions.revoked_at is null and idle_expires_at > $2) as live, ",
            of_live!("max(absolute_expires_at)", "signing_key"),
            " as until, ",
            of_live!("max(absolute_expires_at)", "previous_signing_key"),
            " as previous_until from signing_keys where tenant = $1 order by created_at, id"
        );
        let rows: Vec<Row> = self.read.fetch_all(SQL, &[&tenant.as_str(), &Timestamp(now)]).await?;
        Ok(rows.into_iter().map(KeySummary::from).collect())
    }
}

impl From<Row> for KeySummary {
    fn from(row: Row) -> Self {
        let time = |at: Option<Timestamp>| at.map(|at| at.0);
        let until = time(row.until).max(time(row.previous_until));
        Self {
            id: row.id.0,
            state: row.state.0,
            created_at: row.created_at.0,
            activated_at: time(row.activated_at),
            retired_at: time(row.retired_at),
            withdrawn_at: time(row.withdrawn_at),
            revoked_at: time(row.revoked_at),
            destroyed_at: time(row.destroyed_at),
            live_sessions: row.live.unsigned_abs(),
            holders: until.map(|until| KeyHolders { until }),
        }
    }
}
