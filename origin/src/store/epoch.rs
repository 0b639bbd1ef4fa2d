//! Epochs: what happens when the database turns out to be older than what others have seen of it.

use sealgate_shared::revocation::Position;
use sealgate_shared::time::UnixMillis;

use super::engine::{Pool, Transaction};
use super::{Store, StoreResult, counters};

/// How far the keyring's version jumps. No edge can hold a newer one: nobody changes keys four billion times.
const STRIDE: i64 = 1 << 32;
/// How much further than the database anybody can have seen it. Who claims more is lying, and would use up the numbers.
const MOST_KEYRINGS: i64 = 1 << 44;
const MOST_EPOCHS: i64 = 1 << 20;

/// How far somebody has seen the database; what is not known is zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The version of the keyring.
    pub keyring: u64,
    /// The place in the sequence of revocations.
    pub position: Position,
}

/// Where the database stands itself.
struct Own {
    /// One more than it was: it has just been locked.
    keyring: i64,
    epoch: i64,
    revocations: i64,
}

impl Own {
    async fn read(transaction: &mut Transaction) -> StoreResult<Self> {
        Ok(Self {
            keyring: counters::read(transaction, "keyring").await?,
            epoch: counters::read(transaction, "epoch").await?,
            revocations: counters::read(transaction, "revocations").await?,
        })
    }

    /// Whether it has not got as far as that, and whether that can be.
    fn is_behind(&self, shown: Shown, now: UnixMillis) -> bool {
        let (keyring, epoch) = (number(shown.keyring), number(shown.position.epoch));
        let behind =
            self.keyring <= keyring || (self.epoch, self.revocations) < (epoch, number(shown.position.sequence));
        let credible = keyring.saturating_sub(self.keyring) <= MOST_KEYRINGS
            && epoch.saturating_sub(self.epoch.max(number(now.as_secs()))) <= MOST_EPOCHS;
        behind && credible
    }
}

impl Store {
    /// Begins an epoch. With what somebody has `shown` of the database, only if it has not got that far; `false` when it
    /// has: another origin has begun the epoch, or there was no reason to.
    ///
    /// `vouched` says that the sessions of the database are good as they are. Otherwise they are to be ended, which is
    /// recorded by [`Store::vouch`].
    pub async fn begin_epoch(&self, shown: Option<Shown>, vouched: bool, now: UnixMillis) -> StoreResult<bool> {
        const SQL: &str = "update counters set value = $1 where name = 'keyring'";
        let mut transaction = self.write.begin().await?;
        // For its lock: of many who show the same, the first begins the epoch, and the others find it begun.
        counters::bump_keyring(&mut transaction).await?;
        let own = Own::read(&mut transaction).await?;
        if shown.is_some_and(|shown| !own.is_behind(shown, now)) {
            return Ok(false);
        }
        let shown = shown.unwrap_or_default();
        // With the time, as the epoch: see `set_epoch`.
        let keyring = own.keyring.max(number(shown.keyring)).saturating_add(STRIDE + number(now.as_secs()));
        transaction.execute(SQL, &[&keyring]).await?;
        counters::bump_credentials(&mut transaction).await?;
        set_epoch(&mut transaction, own.epoch.max(number(shown.position.epoch)), now).await?;
        if vouched {
            vouch(&mut transaction).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// Whether the sessions of the database are good as they are.
    pub async fn is_vouched(&self) -> StoreResult<bool> {
        const SQL: &str = "select (select value from counters where name = 'epoch') \
            = (select value from counters where name = 'vouched_epoch')";
        let (vouched,): (bool,) = self.read.fetch_one(SQL, &[]).await?;
        Ok(vouched)
    }

    /// Records that the sessions nobody could vouch for have been ended.
    pub async fn vouch(&self) -> StoreResult<()> {
        let mut transaction = self.write.begin().await?;
        vouch(&mut transaction).await?;
        transaction.commit().await
    }

    /// Notes `PostgreSQL`'s timeline, which moves with every restore and failover; whether it is another than before.
    pub async fn note_timeline(&self) -> StoreResult<bool> {
        const READ: &str = "select cast(timeline_id as bigint) from pg_control_checkpoint()";
        const NOTE: &str = "update counters set value = $1 where name = 'timeline' and value <> $1";
        if matches!(self.read, Pool::Sqlite(_)) {
            return Ok(false);
        }
        let (timeline,): (i64,) = self.read.fetch_one(READ, &[]).await?;
        let mut transaction = self.write.begin().await?;
        let before = counters::read(&mut transaction, "timeline").await?;
        let moved = transaction.execute(NOTE, &[&timeline]).await? > 0;
        transaction.commit().await?;
        Ok(moved && before != 0)
    }
}

/// Moves the epoch past `last`, in the transaction of what makes positions before it useless to edges. The sessions are
/// vouched for afterwards if they were before.
pub(super) async fn raise_epoch(transaction: &mut Transaction, now: UnixMillis) -> StoreResult<()> {
    let epoch = counters::read(transaction, "epoch").await?;
    let was_vouched = counters::read(transaction, "vouched_epoch").await? == epoch;
    set_epoch(transaction, epoch, now).await?;
    if was_vouched { vouch(transaction).await } else { Ok(()) }
}

/// An epoch is named after the second in which it begins, if that is later than the one before: one backup may be
/// restored twice, and what followed the first time is to be taken for neither the same nor later.
async fn set_epoch(transaction: &mut Transaction, last: i64, now: UnixMillis) -> StoreResult<()> {
    const SQL: &str = "update counters set value = $1 where name = 'epoch'";
    let epoch = last.saturating_add(1).max(number(now.as_secs()));
    transaction.execute(SQL, &[&epoch]).await.map(drop)
}

async fn vouch(transaction: &mut Transaction) -> StoreResult<()> {
    const SQL: &str = "update counters set value = (select value from counters where name = 'epoch') \
        where name = 'vouched_epoch'";
    transaction.execute(SQL, &[]).await.map(drop)
}

fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
