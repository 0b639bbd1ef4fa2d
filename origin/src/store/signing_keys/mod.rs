//! The table `signing_keys`.

mod list;

use std::str::FromStr;

use sealgate_shared::id::{KeyId, TenantId};
use sealgate_shared::time::UnixMillis;
use sqlx::SqliteConnection;
use sqlx::types::Text;

pub use list::KeySummary;

use super::timestamp::Timestamp;
use super::{Store, StoreResult, counters};

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

/// A key that verifies.
#[derive(Debug)]
pub struct KeyRow {
    pub id: KeyId,
    pub state: KeyState,
    pub sealed: Vec<u8>,
}

/// What a rotation did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// Signed until now, verifies from now on.
    pub retired: KeyId,
    /// Signs from now on.
    pub active: KeyId,
    /// Will sign after the next rotation.
    pub pending: KeyId,
}

impl Store {
    /// The tenant's keys that verify: pending, active and retired, in the order they were made.
    pub async fn verifying_keys(&self, tenant: &TenantId) -> StoreResult<Vec<KeyRow>> {
        const SQL: &str = "select id, state, sealed from signing_keys \
            where tenant = $1 and state in ('pending', 'active', 'retired') order by created_at, id";
        type Row = (Text<KeyId>, Text<KeyState>, Vec<u8>);
        let rows: Vec<Row> = sqlx::query_as(SQL).bind(tenant.as_str()).fetch_all(&self.read).await?;
        Ok(rows.into_iter().map(|(id, state, sealed)| KeyRow { id: id.0, state: state.0, sealed }).collect())
    }

    /// The tenant whose key this is.
    pub async fn tenant_of_key(&self, key: KeyId) -> StoreResult<Option<TenantId>> {
        const SQL: &str = "select tenant from signing_keys where id = $1";
        let tenant: Option<Text<TenantId>> = sqlx::query_scalar(SQL).bind(Text(key)).fetch_optional(&self.read).await?;
        Ok(tenant.map(|tenant| tenant.0))
    }

    /// Retires the active key, promotes the pending one and puts `next` in its place, all in one
    /// transaction; `None` when the tenant has no active or no pending key.
    pub async fn rotate_keys(
        &self,
        tenant: &TenantId,
        next: &NewKey,
        now: UnixMillis,
    ) -> StoreResult<Option<Rotation>> {
        let mut transaction = self.begin().await?;
        let Some(retired) = retire_active(&mut transaction, tenant, now).await? else { return Ok(None) };
        let Some(active) = promote_pending(&mut transaction, tenant, now).await? else { return Ok(None) };
        insert_pending(&mut transaction, tenant, next, now).await?;
        counters::bump_keyring(&mut transaction).await?;
        transaction.commit().await?;
        Ok(Some(Rotation { retired, active, pending: next.id }))
    }
}

async fn retire_active(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    now: UnixMillis,
) -> StoreResult<Option<KeyId>> {
    const SQL: &str = "update signing_keys set state = 'retired', retired_at = $1 \
        where tenant = $2 and state = 'active' returning id";
    let id: Option<Text<KeyId>> =
        sqlx::query_scalar(SQL).bind(Timestamp(now)).bind(tenant.as_str()).fetch_optional(connection).await?;
    Ok(id.map(|id| id.0))
}

async fn promote_pending(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    now: UnixMillis,
) -> StoreResult<Option<KeyId>> {
    const SQL: &str = "update signing_keys set state = 'active', activated_at = $1 \
        where tenant = $2 and state = 'pending' returning id";
    let id: Option<Text<KeyId>> =
        sqlx::query_scalar(SQL).bind(Timestamp(now)).bind(tenant.as_str()).fetch_optional(connection).await?;
    Ok(id.map(|id| id.0))
}

pub(super) async fn insert_active(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    key: &NewKey,
    now: UnixMillis,
) -> StoreResult<()> {
    const SQL: &str = "insert into signing_keys (id, tenant, state, sealed, created_at, activated_at) \
        values ($1, $2, 'active', $3, $4, $4)";
    insert(connection, SQL, tenant, key, now).await
}

pub(super) async fn insert_pending(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    key: &NewKey,
    now: UnixMillis,
) -> StoreResult<()> {
    const SQL: &str =
        "insert into signing_keys (id, tenant, state, sealed, created_at) values ($1, $2, 'pending', $3, $4)";
    insert(connection, SQL, tenant, key, now).await
}

async fn insert(
    connection: &mut SqliteConnection,
    sql: &'static str,
    tenant: &TenantId,
    key: &NewKey,
    now: UnixMillis,
) -> StoreResult<()> {
    sqlx::query(sql)
        .bind(Text(key.id))
        .bind(tenant.as_str())
        .bind(&key.sealed)
        .bind(Timestamp(now))
        .execute(connection)
        .await?;
    Ok(())
}
