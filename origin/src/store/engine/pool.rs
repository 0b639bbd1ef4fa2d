//! Connections in store.

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgPool;
use sqlx::sqlite::SqlitePool;
use sqlx::{Postgres, Sqlite};

use super::bind::Bind;
use super::link::{Link, Record, run_statements};
use super::statement::Statement;
use super::transaction::Transaction;
use crate::store::StoreResult;

/// Connections to one of the databases.
#[derive(Clone, Debug)]
pub(in crate::store) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// How a pool's connections are used.
#[derive(Clone, Copy, Debug)]
pub struct PoolUse {
    pub name: &'static str,
    /// Connections that are open and wait for work.
    pub idle: u32,
    /// Connections that are at work.
    pub in_use: u32,
    /// Connections at most.
    pub most: u32,
}

run_statements!(Pool, self: &Self, self.acquire().await?.link());

impl Pool {
    /// Begins a transaction that may write. On `SQLite` it takes the write lock now, so that what it reads still
    /// holds when it writes; on `PostgreSQL` each statement sees what was committed before it, and rows are locked by
    /// the statements that change them.
    pub(in crate::store) async fn begin(&self) -> StoreResult<Transaction> {
        Ok(match self {
            Self::Sqlite(pool) => Transaction::Sqlite(pool.begin_with("begin immediate").await?),
            Self::Postgres(pool) => Transaction::Postgres(pool.begin().await?),
        })
    }

    /// How the connections are used.
    pub(in crate::store) fn describe(&self, name: &'static str) -> PoolUse {
        let (size, idle, most) = match self {
            Self::Sqlite(pool) => (pool.size(), pool.num_idle(), pool.options().get_max_connections()),
            Self::Postgres(pool) => (pool.size(), pool.num_idle(), pool.options().get_max_connections()),
        };
        // The two are counted one after the other: in between a connection may have come or gone.
        let idle = u32::try_from(idle).unwrap_or(size).min(size);
        PoolUse { name, idle, in_use: size - idle, most }
    }

    /// Closes every connection, those in use when they come back.
    pub(in crate::store) async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }

    async fn acquire(&self) -> StoreResult<Acquired> {
        Ok(match self {
            Self::Sqlite(pool) => Acquired::Sqlite(pool.acquire().await?),
            Self::Postgres(pool) => Acquired::Postgres(pool.acquire().await?),
        })
    }
}

/// A connection taken from the pool.
enum Acquired {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

impl Acquired {
    fn link(&mut self) -> Link<'_> {
        match self {
            Self::Sqlite(connection) => Link::Sqlite(connection),
            Self::Postgres(connection) => Link::Postgres(connection),
        }
    }
}
