//! The table `signing_keys`: a key's life from pending to destroyed.
//!
//! Whoever changes a key bumps the keyring first, and so has the table to itself until the transaction ends.

mod expire;
mod list;
mod revoke;
mod rotate;

use std::str::FromStr;

use sealgate_shared::id::{KeyId, TenantId};
use sealgate_shared::time::UnixMillis;
use sqlx::types::Text;

pub use expire::ExpiredKeys;
pub use list::{KeyHolders, KeySummary};
pub use revoke::{KeysRevoked, RevokeKeys, RevokeKeysOutcome};
pub use rotate::{ActiveKey, RotateOutcome, RotateWhen, Rotation};

use super::audit::{self, AuditEntry, AuditEvent};
use super::engine::{Bind, Transaction};
use super::timestamp::Timestamp;
use super::{Store, StoreResult};

/// Where a key is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Published to verifiers, signs nothing yet.
    Pending,
    /// Signs.
    Active,
    /// Verifies what it signed.
    Retired,
    /// Gone.
    Destroyed,
    /// Withdrawn: nothing it signed holds.
    Revoked,
}

impl KeyState {
    /// The word in the database and in print.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Retired => "retired",
            Self::Destroyed => "destroyed",
            Self::Revoked => "revoked",
        }
    }
}

/// A state that is none of ours.
#[derive(Debug, thiserror::Error)]
#[error("not a state of a signing key")]
pub struct UnknownState;

impl FromStr for KeyState {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, UnknownState> {
        const ALL: [KeyState; 5] =
            [KeyState::Pending, KeyState::Active, KeyState::Retired, KeyState::Destroyed, KeyState::Revoked];
        ALL.into_iter().find(|state| state.as_str() == text).ok_or(UnknownState)
    }
}

/// A key to be stored.
#[derive(Debug)]
pub struct NewKey {
    pub id: KeyId,
    pub sealed: Vec<u8>,
}

/// A key as its row has it.
#[derive(Debug)]
pub struct KeyRow {
    pub id: KeyId,
    pub state: KeyState,
    /// Whether every token it signed is known to be dead.
    pub withdrawn: bool,
    /// `None` once it is destroyed.
    pub sealed: Option<Vec<u8>>,
}

impl Store {
    /// The tenant's keys in the order they were made, and those destroyed not long ago.
    pub async fn keys_of(&self, tenant: &TenantId) -> StoreResult<Vec<KeyRow>> {
        const SQL: &str = "select id, state, withdrawn_at is not null, sealed from signing_keys \
            where tenant = $1 order by created_at, id";
        type Row = (Text<KeyId>, Text<KeyState>, bool, Option<Vec<u8>>);
        let rows: Vec<Row> = self.read.fetch_all(SQL, &[&tenant.as_str()]).await?;
        let keys = rows.into_iter().map(|(id, state, withdrawn, sealed)| {
            let (id, state) = (id.0, state.0);
            KeyRow { id, state, withdrawn, sealed }
        });
        Ok(keys.collect())
    }

    /// The tenant whose key this is, or was.
    pub async fn tenant_of_key(&self, key: KeyId) -> StoreResult<Option<TenantId>> {
        const SQL: &str = "select tenant from signing_keys where id = $1";
        let row: Option<(Text<TenantId>,)> = self.read.fetch_optional(SQL, &[&Text(key)]).await?;
        Ok(row.map(|(tenant,)| tenant.0))
    }
}

/// Writes down what has become of keys.
async fn note(
    transaction: &mut Transaction,
    tenant: &TenantId,
    event: AuditEvent,
    detail: &str,
    now: UnixMillis,
) -> StoreResult<()> {
    let entry = AuditEntry { detail: Some(detail), ..AuditEntry::new(tenant, event) };
    audit::add(transaction, &entry, now).await
}

/// From now on the key signs.
async fn promote(transaction: &mut Transaction, key: KeyId, now: UnixMillis) -> StoreResult<()> {
    const SQL: &str = "update signing_keys set state = 'active', activated_at = $1 where id = $2";
    transaction.execute(SQL, &[&Timestamp(now), &Text(key)]).await.map(drop)
}

pub(super) async fn insert_active(
    transaction: &mut Transaction,
    tenant: &TenantId,
    key: &NewKey,
    now: UnixMillis,
) -> StoreResult<()> {
    const SQL: &str = "insert into signing_keys (id, tenant, state, sealed, created_at, activated_at) \
        values ($1, $2, 'active', $3, $4, $4)";
    insert(transaction, SQL, tenant, key, now).await
}

pub(super) async fn insert_pending(
    transaction: &mut Transaction,
    tenant: &TenantId,
    key: &NewKey,
    now: UnixMillis,
) -> StoreResult<()> {
    const SQL: &str =
        "insert into signing_keys (id, tenant, state, sealed, created_at) values ($1, $2, 'pending', $3, $4)";
    insert(transaction, SQL, tenant, key, now).await
}

async fn insert(
    transaction: &mut Transaction,
    sql: &'static str,
    tenant: &TenantId,
    key: &NewKey,
    now: UnixMillis,
) -> StoreResult<()> {
    let values: [&dyn Bind; 4] = [&Text(key.id), &tenant.as_str(), &key.sealed, &Timestamp(now)];
    transaction.execute(sql, &values).await.map(drop)
}
