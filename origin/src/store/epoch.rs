//! Epochs: what happens when the database turns out to be older than what others have seen of it.

use super::engine::{Pool, Transaction};
use super::{Store, StoreResult, counters};

/// How far the keyring's version jumps. No edge can hold a newer one: nobody changes keys four billion times.
const STRIDE: i64 = 1 << 32;

impl Store {
    /// Begins an epoch. With `shown`, a version of the keyring that an edge holds, only if the database has not got that
    /// far; `false` when it has: another origin has begun the epoch, or there was no reason to.
    ///
    /// `vouched` says that the sessions of the database are good as they are. Otherwise they are to be ended, which is
    /// recorded by [`Store::vouch`].
    pub async fn begin_epoch(&self, shown: Option<u64>, vouched: bool) -> StoreResult<bool> {
        // The version has just moved by one: it is no greater than `shown` only if it was less.
        const JUMP: &str = "update counters set value = $1 + $2 where name = 'keyring' and value <= $1";
        let mut transaction = self.write.begin().await?;
        counters::bump_keyring(&mut transaction).await?;
        let shown = match shown {
            Some(shown) => i64::try_from(shown).unwrap_or(i64::MAX - STRIDE).min(i64::MAX - STRIDE),
            None => counters::read(&mut transaction, "keyring").await?,
        };
        if transaction.execute(JUMP, &[&shown, &STRIDE]).await? == 0 {
            return Ok(false);
        }
        counters::bump_credentials(&mut transaction).await?;
        raise_epoch(&mut transaction).await?;
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

async fn raise_epoch(transaction: &mut Transaction) -> StoreResult<()> {
    const SQL: &str = "update counters set value = value + 1 where name = 'epoch'";
    transaction.execute(SQL, &[]).await.map(drop)
}

async fn vouch(transaction: &mut Transaction) -> StoreResult<()> {
    const SQL: &str = "update counters set value = (select value from counters where name = 'epoch') \
        where name = 'vouched_epoch'";
    transaction.execute(SQL, &[]).await.map(drop)
}
