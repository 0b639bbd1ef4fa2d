//! The database, in the words of the domain.
//!
//! One file for each table. Statements are constants, one to a function; rows become domain types before
//! they leave. Nothing outside this folder knows `SQLx` or SQL.

mod counters;
mod edges;
mod examine;
mod migrate;
mod open;
mod revocations;
mod sealed;
mod service_tokens;
mod sessions;
mod signing_keys;
mod start_lock;
mod tenants;
mod timestamp;

use std::error::Error;

use sqlx::sqlite::SqlitePool;
use sqlx::{Sqlite, Transaction};

pub use edges::{EdgeRow, EdgeSummary, NewEdge};
pub use migrate::{applied_migrations, known_migrations};
pub use service_tokens::{NewServiceToken, ServiceTokenRow, ServiceTokenSummary};
pub use sessions::{CheckAnswer, ListPage, NewSession, RevokeActor, RevokeOutcome};
pub use signing_keys::{KeyRow, KeyState, KeySummary, NewKey, Rotation};
pub use start_lock::StartLock;
pub use tenants::{NewTenant, TenantSummary};

/// What can go wrong in the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It does not answer, or answers with an error: ours to repair, and nobody's credential is bad.
    #[error("the database does not answer as it should")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// Something of that name is there already.
    #[error("there is one already")]
    Exists,
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) if database.is_unique_violation() => Self::Exists,
            _ => Self::Unavailable(error.into()),
        }
    }
}

/// Shorthand for what the store answers.
pub type StoreResult<T> = Result<T, StoreError>;

/// The store: many readers, one writer.
#[derive(Clone, Debug)]
pub struct Store {
    /// `SQLite` lets one connection write at a time. Queueing for it here is fair and wakes up at once,
    /// which `SQLite`'s own busy handler (a sleep and another try) is not.
    write: SqlitePool,
    read: SqlitePool,
}

impl Store {
    /// Begins a transaction that may write: it takes `SQLite`'s write lock now, so that what it reads
    /// still holds when it writes.
    async fn begin(&self) -> StoreResult<Transaction<'static, Sqlite>> {
        Ok(self.write.begin_with("begin immediate").await?)
    }

    /// Asks the database for a sign of life, and whether every migration has been applied.
    pub async fn check_ready(&self) -> StoreResult<bool> {
        Ok(migrate::read_latest(&self.read).await? == migrate::latest_version())
    }

    /// Closes every connection; whatever is asked afterwards is [`StoreError::Unavailable`].
    pub async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}
