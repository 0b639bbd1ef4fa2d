//! Keys whose work is done: withdrawn once their last token is dead, destroyed once no session holds them up, and
//! forgotten once nobody asks any more.

use sealgate_shared::id::{KeyId, TenantId};
use sealgate_shared::time::UnixMillis;
use sqlx::types::Text;

use super::note;
use crate::store::audit::AuditEvent;
use crate::store::engine::{Statement, Transaction};
use crate::store::timestamp::Timestamp;
use crate::store::{Store, StoreResult, counters};

/// How long after the last token must be dead it is taken to be: clocks differ, and a session may be stored a moment
/// after it was signed.
pub(super) const MARGIN_MS: u64 = 60_000;
/// For so long a destroyed key is remembered, so that its tokens are told from forged ones.
const REMEMBERED_MS: u64 = 90 * 86_400_000;

/// Keys that have come to the end of something, and whose they were.
pub type ExpiredKeys = Vec<(TenantId, KeyId)>;

type Row = (Text<TenantId>, Text<KeyId>);

macro_rules! due_for_withdrawal {
    () => {
        "state = 'retired' and withdrawn_at is null and retired_at <= $1"
    };
}

/// A live session holds its key up: what is derived from the key for the session would be lost with it.
macro_rules! due_for_destruction {
    () => {
        "((state = 'retired' and withdrawn_at is not null) or (state = 'revoked' and revoked_at <= $1)) \
         and not exists (select 1 from sessions where sessions.signing_key = signing_keys.id \
         and sessions.revoked_at is null and sessions.idle_expires_at > $2) \
         and not exists (select 1 from sessions where sessions.previous_signing_key = signing_keys.id \
         and sessions.revoked_at is null and sessions.idle_expires_at > $2)"
    };
}

impl Store {
    /// How long after it stopped signing the last token of a key is dead, in milliseconds.
    pub async fn last_token_after(&self) -> StoreResult<u64> {
        Ok(self.token_lifetime().await?.saturating_add(MARGIN_MS))
    }

    /// Withdraws retired keys whose tokens are all dead: no verifier needs to know any more how they were made.
    pub async fn withdraw_keys(&self, now: UnixMillis) -> StoreResult<ExpiredKeys> {
        const SEEK: &str = concat!("select tenant, id from signing_keys where ", due_for_withdrawal!(), " limit 1");
        let before = now.minus(self.last_token_after().await?);
        // The keyring moves when there is something to do, not once in each round.
        if self.read.fetch_optional::<Row>(SEEK, &[&Timestamp(before)]).await?.is_none() {
            return Ok(Vec::new());
        }
        let mut transaction = self.write.begin().await?;
        counters::bump_keyring(&mut transaction).await?;
        let before = now.minus(last_token_after(&mut transaction).await?);
        let withdrawn = mark_withdrawn(&mut transaction, before, now).await?;
        commit_if_any(transaction, withdrawn).await
    }

    /// Destroys keys that nothing alive was made with: the sealed key is gone from the database.
    pub async fn destroy_keys(&self, now: UnixMillis) -> StoreResult<ExpiredKeys> {
        const SEEK: &str = concat!("select tenant, id from signing_keys where ", due_for_destruction!(), " limit 1");
        let before = now.minus(self.last_token_after().await?);
        let live_at = now.minus(MARGIN_MS);
        if self.read.fetch_optional::<Row>(SEEK, &[&Timestamp(before), &Timestamp(live_at)]).await?.is_none() {
            return Ok(Vec::new());
        }
        let mut transaction = self.write.begin().await?;
        counters::bump_keyring(&mut transaction).await?;
        let before = now.minus(last_token_after(&mut transaction).await?);
        let destroyed = mark_destroyed(&mut transaction, before, live_at, now).await?;
        for (tenant, key) in &destroyed {
            note(&mut transaction, &tenant.0, AuditEvent::KeyDestroyed, &key.0.to_string(), now).await?;
        }
        commit_if_any(transaction, destroyed).await
    }

    /// Deletes at most `limit` keys that were destroyed long ago and that no row names; how many there were.
    pub async fn forget_keys(&self, limit: i64, now: UnixMillis) -> StoreResult<u64> {
        macro_rules! forget {
            ($lock:literal) => {
                concat!(
                    "delete from signing_keys where id in (select id from signing_keys \
                     where state = 'destroyed' and destroyed_at < $1 \
                     and not exists (select 1 from sessions where sessions.signing_key = signing_keys.id) \
                     and not exists (select 1 from sessions where sessions.previous_signing_key = signing_keys.id) \
                     limit $2",
                    $lock,
                    ")"
                )
            };
        }
        const SQL: Statement = Statement { sqlite: forget!(""), postgres: forget!(" for update skip locked") };
        self.write.execute(SQL, &[&Timestamp(now.minus(REMEMBERED_MS)), &limit]).await
    }
}

async fn last_token_after(transaction: &mut Transaction) -> StoreResult<u64> {
    Ok(counters::longest_token(transaction).await?.saturating_add(MARGIN_MS))
}

async fn mark_withdrawn(transaction: &mut Transaction, before: UnixMillis, now: UnixMillis) -> StoreResult<Vec<Row>> {
    const SQL: &str =
        concat!("update signing_keys set withdrawn_at = $2 where ", due_for_withdrawal!(), " returning tenant, id");
    transaction.fetch_all(SQL, &[&Timestamp(before), &Timestamp(now)]).await
}

async fn mark_destroyed(
    transaction: &mut Transaction,
    before: UnixMillis,
    live_at: UnixMillis,
    now: UnixMillis,
) -> StoreResult<Vec<Row>> {
    const SQL: &str = concat!(
        "update signing_keys set state = 'destroyed', sealed = null, destroyed_at = $3 where ",
        due_for_destruction!(),
        " returning tenant, id"
    );
    transaction.fetch_all(SQL, &[&Timestamp(before), &Timestamp(live_at), &Timestamp(now)]).await
}

/// What another process has done meanwhile is not done again, and moves no version.
async fn commit_if_any(transaction: Transaction, rows: Vec<Row>) -> StoreResult<ExpiredKeys> {
    if !rows.is_empty() {
        transaction.commit().await?;
    }
    Ok(rows.into_iter().map(|(tenant, id)| (tenant.0, id.0)).collect())
}
