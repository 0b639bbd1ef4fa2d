//! Counters that move with what they count.

use sqlx::SqliteConnection;

use super::{Store, StoreResult};

impl Store {
    /// The version of the keyring: moves in the transaction that changes a key, a tenant or an edge.
    pub async fn keyring_version(&self) -> StoreResult<u64> {
        const SQL: &str = "select value from counters where name = 'keyring'";
        let version: i64 = sqlx::query_scalar(SQL).fetch_one(&self.read).await?;
        Ok(version.unsigned_abs())
    }

    /// The longest lifetime of a token, in milliseconds, that this installation was ever set to.
    pub async fn token_lifetime(&self) -> StoreResult<u64> {
        const SQL: &str = "select value from counters where name = 'token_lifetime'";
        let lifetime: i64 = sqlx::query_scalar(SQL).fetch_one(&self.read).await?;
        Ok(lifetime.unsigned_abs())
    }

    /// Raises the longest lifetime of a token, so that no verifier refuses what we are about to make.
    /// It is never lowered: tokens made before would be refused, and people with them.
    pub async fn raise_token_lifetime(&self, milliseconds: u64) -> StoreResult<()> {
        let mut transaction = self.begin().await?;
        if raise_token_lifetime(&mut transaction, milliseconds).await? {
            bump_keyring(&mut transaction).await?;
        }
        Ok(transaction.commit().await?)
    }
}

async fn raise_token_lifetime(connection: &mut SqliteConnection, milliseconds: u64) -> StoreResult<bool> {
    const SQL: &str = "update counters set value = $1 where name = 'token_lifetime' and value < $1";
    let milliseconds = i64::try_from(milliseconds).unwrap_or(i64::MAX);
    Ok(sqlx::query(SQL).bind(milliseconds).execute(connection).await?.rows_affected() > 0)
}

pub(super) async fn bump_keyring(connection: &mut SqliteConnection) -> StoreResult<()> {
    const SQL: &str = "update counters set value = value + 1 where name = 'keyring'";
    sqlx::query(SQL).execute(connection).await?;
    Ok(())
}

/// Draws the next number of a revocation. Called last in its transaction, so that numbers come in the
/// order of commits, and a transaction that fails gives its number back: no gaps.
pub(super) async fn next_revocation(connection: &mut SqliteConnection) -> StoreResult<i64> {
    const SQL: &str = "update counters set value = value + 1 where name = 'revocations' returning value";
    Ok(sqlx::query_scalar(SQL).fetch_one(connection).await?)
}
