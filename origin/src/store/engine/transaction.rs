//! Several statements that become true together or not at all.

use sqlx::{Postgres, Sqlite};

use super::bind::Bind;
use super::link::{Link, Record, run_statements};
use super::statement::Statement;
use crate::store::StoreResult;

/// A transaction; dropped without a commit, it is rolled back.
#[derive(Debug)]
pub(in crate::store) enum Transaction {
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

run_statements!(Transaction, self: &mut Self, self.link());

impl Transaction {
    pub(in crate::store) async fn commit(self) -> StoreResult<()> {
        match self {
            Self::Sqlite(transaction) => transaction.commit().await?,
            Self::Postgres(transaction) => transaction.commit().await?,
        }
        Ok(())
    }

    pub(in crate::store) async fn rollback(self) -> StoreResult<()> {
        match self {
            Self::Sqlite(transaction) => transaction.rollback().await?,
            Self::Postgres(transaction) => transaction.rollback().await?,
        }
        Ok(())
    }

    fn link(&mut self) -> Link<'_> {
        match self {
            Self::Sqlite(transaction) => Link::Sqlite(transaction),
            Self::Postgres(transaction) => Link::Postgres(transaction),
        }
    }
}
