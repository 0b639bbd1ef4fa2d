//! Counters that move with what they count.

use super::engine::Transaction;
use super::{Store, StoreResult};

const READ: &str = "select value from counters where name = $1";

impl Store {
    /// The version of the keyring: moves in the transaction that changes a key, a tenant or an edge.
    pub async fn keyring_version(&self) -> StoreResult<u64> {
        let (version,): (i64,) = self.read.fetch_one(READ, &[&"keyring"]).await?;
        Ok(version.unsigned_abs())
    }

    /// The longest lifetime of a token, in milliseconds, that this installation was ever set to.
    pub async fn token_lifetime(&self) -> StoreResult<u64> {
        let (lifetime,): (i64,) = self.read.fetch_one(READ, &[&"token_lifetime"]).await?;
        Ok(lifetime.unsigned_abs())
    }

    /// Raises the longest lifetime of a token, so that no verifier refuses what we are about to make.
    /// It is never lowered: tokens made before would be refused, and people with them.
    pub async fn raise_token_lifetime(&self, milliseconds: u64) -> StoreResult<()> {
        const SQL: &str = "update counters set value = $1 where name = 'token_lifetime' and value < $1";
        let milliseconds = i64::try_from(milliseconds).unwrap_or(i64::MAX);
        let mut transaction = self.write.begin().await?;
        if transaction.execute(SQL, &[&milliseconds]).await? > 0 {
            bump_keyring(&mut transaction).await?;
        }
        transaction.commit().await
    }
}

/// Moves the version of the keyring. Whoever changes keys does this *first*: the row stays locked until the
/// transaction ends, so changes of keys happen one after the other, and each sees what the one before did.
pub(super) async fn bump_keyring(transaction: &mut Transaction) -> StoreResult<()> {
    const SQL: &str = "update counters set value = value + 1 where name = 'keyring'";
    transaction.execute(SQL, &[]).await.map(drop)
}

/// Moves the version of what is known of callers: whoever changes a service token, an edge, or what a tenant may do
/// calls this, behind [`bump_keyring`] where that is called, too.
pub(super) async fn bump_credentials(transaction: &mut Transaction) -> StoreResult<()> {
    const SQL: &str = "update counters set value = value + 1 where name = 'credentials'";
    transaction.execute(SQL, &[]).await.map(drop)
}

/// As [`Store::token_lifetime`], inside a transaction.
pub(super) async fn longest_token(transaction: &mut Transaction) -> StoreResult<u64> {
    Ok(read(transaction, "token_lifetime").await?.unsigned_abs())
}

/// The counter of that name.
pub(super) async fn read(transaction: &mut Transaction, name: &'static str) -> StoreResult<i64> {
    let (value,): (i64,) = transaction.fetch_one(READ, &[&name]).await?;
    Ok(value)
}

/// Draws the next number of a revocation. Called last in its transaction, so that numbers come in the
/// order of commits, and a transaction that fails gives its number back: no gaps.
pub(super) async fn next_revocation(transaction: &mut Transaction) -> StoreResult<i64> {
    const SQL: &str = "update counters set value = value + 1 where name = 'revocations' returning value";
    let (sequence,): (i64,) = transaction.fetch_one(SQL, &[]).await?;
    Ok(sequence)
}
