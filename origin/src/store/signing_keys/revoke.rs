//! Revoking keys, and ending every session that they could have signed.

use sealgate_shared::id::{KeyId, SessionId, TenantId};
use sealgate_shared::time::UnixMillis;
use sqlx::types::Text;

use super::{KeyState, NewKey, insert_active, insert_pending, note, promote};
use crate::session::RevokedReason;
use crate::store::audit::AuditEvent;
use crate::store::engine::{Statement, Transaction};
use crate::store::revocations::{self, Ended, Mark, Whose};
use crate::store::timestamp::Timestamp;
use crate::store::{Store, StoreResult, counters};

/// How many sessions under other keys get an entry each. Beyond it a mark hits all of the tenant: of tokens that it hits
/// too much the origin decides from the row.
const MOST_ENTRIES: usize = 1_000;

/// Which keys to revoke, and what may take their place.
#[derive(Debug)]
pub struct RevokeKeys<'a> {
    pub tenant: &'a TenantId,
    pub key: KeyId,
    /// Every key of the tenant, not the one alone.
    pub all: bool,
    /// Stored where an active or a pending key is missed.
    pub spare: [NewKey; 2],
}

/// What came of revoking keys.
#[derive(Debug)]
pub enum RevokeKeysOutcome {
    Revoked(KeysRevoked),
    /// It was revoked before, and no other was to be; nothing has changed.
    Already {
        at: UnixMillis,
    },
    /// There is nothing of it left to revoke.
    Destroyed {
        at: UnixMillis,
    },
    /// The tenant has no such key.
    NotFound,
}

/// What revoking keys did.
#[derive(Debug)]
pub struct KeysRevoked {
    /// The keys, in the order they were made.
    pub keys: Vec<KeyId>,
    /// How many sessions have ended.
    pub sessions: u64,
    /// Signs from now on.
    pub active: KeyId,
    /// Is published, and will sign next.
    pub pending: KeyId,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Text<KeyId>,
    state: Text<KeyState>,
    revoked_at: Option<Timestamp>,
    destroyed_at: Option<Timestamp>,
}

impl Row {
    fn is_to_go(&self, request: &RevokeKeys<'_>) -> bool {
        let state = self.state.0;
        (request.all || self.id.0 == request.key) && state != KeyState::Revoked && state != KeyState::Destroyed
    }
}

impl Store {
    /// Revokes keys, fills their places and ends the sessions that they signed, all in one transaction.
    pub async fn revoke_keys(&self, request: &RevokeKeys<'_>, now: UnixMillis) -> StoreResult<RevokeKeysOutcome> {
        let mut transaction = self.write.begin().await?;
        counters::bump_keyring(&mut transaction).await?;
        let rows = read_keys(&mut transaction, request.tenant).await?;
        let Some(named) = rows.iter().find(|row| row.id.0 == request.key) else {
            return Ok(RevokeKeysOutcome::NotFound);
        };
        if let Some(at) = named.destroyed_at {
            return Ok(RevokeKeysOutcome::Destroyed { at: at.0 });
        }
        let keys: Vec<KeyId> = rows.iter().filter(|row| row.is_to_go(request)).map(|row| row.id.0).collect();
        if keys.is_empty() {
            return Ok(RevokeKeysOutcome::Already { at: named.revoked_at.map_or(now, |at| at.0) });
        }
        for key in &keys {
            mark_key(&mut transaction, *key, now).await?;
        }
        let (active, pending) = fill_places(&mut transaction, request, &rows, now).await?;
        take_time(&mut transaction).await?;
        let mut sessions = 0;
        for key in &keys {
            let ended = end_sessions(&mut transaction, *key, now).await?;
            let detail = format!("{key}, {ended} sessions ended");
            note(&mut transaction, request.tenant, AuditEvent::KeyRevoked, &detail, now).await?;
            sessions += ended;
        }
        add_marks(&mut transaction, request.tenant, &keys, now).await?;
        transaction.commit().await?;
        Ok(RevokeKeysOutcome::Revoked(KeysRevoked { keys, sessions, active, pending }))
    }
}

async fn read_keys(transaction: &mut Transaction, tenant: &TenantId) -> StoreResult<Vec<Row>> {
    const SQL: &str = "select id, state, revoked_at, destroyed_at from signing_keys \
        where tenant = $1 order by created_at, id";
    transaction.fetch_all(SQL, &[&tenant.as_str()]).await
}

/// On `PostgreSQL` this waits for sessions that are being stored under the key; those that come later find it revoked.
async fn mark_key(transaction: &mut Transaction, key: KeyId, now: UnixMillis) -> StoreResult<()> {
    const SQL: &str = "update signing_keys set state = 'revoked', revoked_at = $1 where id = $2";
    transaction.execute(SQL, &[&Timestamp(now), &Text(key)]).await.map(drop)
}

/// Sees to it that one key signs and one is pending. The pending one takes over, which verifiers hold already, unless
/// it was revoked as well.
async fn fill_places(
    transaction: &mut Transaction,
    request: &RevokeKeys<'_>,
    rows: &[Row],
    now: UnixMillis,
) -> StoreResult<(KeyId, KeyId)> {
    let left = |state| rows.iter().find(|row| row.state.0 == state && !row.is_to_go(request)).map(|row| row.id.0);
    let [first, second] = &request.spare;
    match (left(KeyState::Active), left(KeyState::Pending)) {
        (Some(active), Some(pending)) => Ok((active, pending)),
        (Some(active), None) => {
            insert_pending(transaction, request.tenant, first, now).await?;
            Ok((active, first.id))
        }
        (None, Some(promoted)) => {
            promote(transaction, promoted, now).await?;
            insert_pending(transaction, request.tenant, first, now).await?;
            Ok((promoted, first.id))
        }
        (None, None) => {
            insert_active(transaction, request.tenant, first, now).await?;
            insert_pending(transaction, request.tenant, second, now).await?;
            Ok((first.id, second.id))
        }
    }
}

/// There may be more sessions than a statement has time for, and half of them is no answer.
async fn take_time(transaction: &mut Transaction) -> StoreResult<()> {
    const SQL: Statement =
        Statement { sqlite: "select 1", postgres: "select set_config('statement_timeout', '10min', true)" };
    transaction.execute(SQL, &[]).await.map(drop)
}

macro_rules! end_statement {
    ($column:literal, $pre_login:literal) => {
        concat!(
            "update sessions set revoked_at = $1, revoked_reason = $2 where ",
            $column,
            " = $3 and revoked_at is null and idle_expires_at > $1 and pre_login = ",
            $pre_login
        )
    };
}

/// Ends the sessions that the key could have signed; how many there were.
async fn end_sessions(transaction: &mut Transaction, key: KeyId, now: UnixMillis) -> StoreResult<u64> {
    // People who are about to sign in have no session yet: theirs are ended too, and not counted.
    end(transaction, end_statement!("signing_key", "true"), key, now).await?;
    let current = end(transaction, end_statement!("signing_key", "false"), key, now).await?;
    let previous = end(transaction, end_statement!("previous_signing_key", "false"), key, now).await?;
    Ok(current + previous)
}

async fn end(transaction: &mut Transaction, sql: &'static str, key: KeyId, now: UnixMillis) -> StoreResult<u64> {
    let reason = RevokedReason::KeyRevoked.as_str();
    transaction.execute(sql, &[&Timestamp(now), &reason, &Text(key)]).await
}

/// Adds a mark for each revoked key. A session that was ended may have its present token from another key: that token
/// names no revoked key, and is to be refused all the same, while the other key's tokens of other sessions are not.
async fn add_marks(
    transaction: &mut Transaction,
    tenant: &TenantId,
    revoked: &[KeyId],
    now: UnixMillis,
) -> StoreResult<()> {
    let newest = read_newest(transaction, tenant, now).await?;
    for key in revoked.iter().copied() {
        let newest = newest.iter().find(|(signed, _)| signed.0 == key).map(|(_, at)| at.0);
        revocations::add_mark(transaction, &Mark { tenant, whose: Whose::Key(key), newest }, now).await?;
    }
    let mut others = Vec::new();
    for (key, _) in newest.iter().filter(|(key, _)| !revoked.contains(&key.0)) {
        others.extend(read_ended(transaction, key.0, now).await?);
    }
    if others.len() > MOST_ENTRIES {
        let newest = newest.iter().map(|(_, at)| at.0).max();
        return revocations::add_mark(transaction, &Mark { tenant, whose: Whose::Tenant, newest }, now).await;
    }
    for (session, issued_at) in others {
        let ended = Ended { tenant, session: session.0, issued_at: issued_at.0 };
        revocations::add_session(transaction, ended, now).await?;
    }
    Ok(())
}

/// The sessions that were ended just now although another key, this one, has signed their present tokens.
async fn read_ended(
    transaction: &mut Transaction,
    signed: KeyId,
    now: UnixMillis,
) -> StoreResult<Vec<(Text<SessionId>, Timestamp)>> {
    const SQL: &str = "select id, issued_at from sessions \
        where signing_key = $1 and revoked_at = $2 and revoked_reason = $3 and pre_login = false limit $4";
    let reason = RevokedReason::KeyRevoked.as_str();
    let limit = i64::try_from(MOST_ENTRIES + 1).unwrap_or(i64::MAX);
    transaction.fetch_all(SQL, &[&Text(signed), &Timestamp(now), &reason, &limit]).await
}

/// When the newest token of the sessions was issued that were ended just now, for each key that signed any.
async fn read_newest(
    transaction: &mut Transaction,
    tenant: &TenantId,
    now: UnixMillis,
) -> StoreResult<Vec<(Text<KeyId>, Timestamp)>> {
    const SQL: &str = "select signing_key, max(issued_at) from sessions \
        where tenant = $1 and revoked_at = $2 and revoked_reason = $3 group by signing_key order by signing_key";
    let reason = RevokedReason::KeyRevoked.as_str();
    transaction.fetch_all(SQL, &[&tenant.as_str(), &Timestamp(now), &reason]).await
}
