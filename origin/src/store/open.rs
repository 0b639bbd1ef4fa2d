//! Opening the database.

use std::fs::{self, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _};

use super::engine::Pool;
use super::sessions::Group;
use super::{Location, StartLock, Store, StoreError, StoreResult, migrate};

/// Readers of an `SQLite` file work in parallel; beyond the number of cores they only wait for each other.
const READERS: u32 = 4;
/// How long another process (the command line) may hold `SQLite`'s write lock before we give up.
const BUSY: Duration = Duration::from_secs(5);
/// How long a request may queue for a connection, or for a server that is gone to come back.
const QUEUE: Duration = Duration::from_secs(3);
/// How many groups of sessions are stored at once by a server.
const GROUPS: usize = 4;
/// A connection that was idle for longer is asked for a sign of life before a request is trusted to it.
const TRUSTED: Duration = Duration::from_secs(1);

/// How to use a `PostgreSQL` server.
#[derive(Clone, Copy, Debug)]
pub struct ServerSettings {
    /// Connections at most, besides the one that listens.
    pub connections: u32,
    /// The longest a statement may take.
    pub statement_timeout: Duration,
}

impl Store {
    /// Opens the database and applies the migrations that it lacks. A file is made, with mode 0600, when absent.
    pub async fn open(location: &Location, server: ServerSettings, _lock: &StartLock) -> StoreResult<Self> {
        let store = match location {
            Location::Sqlite(path) => {
                make_private(path).map_err(|error| StoreError::Unavailable(error.into()))?;
                let options = file_options(path).journal_mode(SqliteJournalMode::Wal);
                let write = file_pool(1).connect_with(options.clone()).await?;
                migrate::run(&Pool::Sqlite(write.clone())).await?;
                Self::over_file(write, file_pool(READERS).connect_with(options.pragma("query_only", "on")).await?)
            }
            Location::Postgres(options) => {
                let store = Self::over_server(connect(options, server).await?);
                migrate::run(&store.write).await?;
                store
            }
        };
        Ok(store)
    }

    /// Opens a database that is there and changes nothing about it, for finding out what is wrong with it.
    pub async fn open_as_is(location: &Location, server: ServerSettings) -> StoreResult<Self> {
        Ok(match location {
            Location::Sqlite(path) => {
                let options = file_options(path);
                let write = file_pool(1).connect_with(options.clone()).await?;
                Self::over_file(write, file_pool(1).connect_with(options.pragma("query_only", "on")).await?)
            }
            Location::Postgres(options) => Self::over_server(connect(options, server).await?),
        })
    }

    /// `SQLite` lets one connection write at a time. Queueing for it here is fair and wakes up at once, which
    /// `SQLite`'s own busy handler (a sleep and another try) is not.
    fn over_file(write: SqlitePool, read: SqlitePool) -> Self {
        let write = Pool::Sqlite(write);
        Self { group: Group::start(&write, 1), write, read: Pool::Sqlite(read) }
    }

    fn over_server(pool: PgPool) -> Self {
        let pool = Pool::Postgres(pool);
        Self { group: Group::start(&pool, GROUPS), write: pool.clone(), read: pool }
    }
}

fn file_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        // A revocation that was acknowledged holds through a power cut as well.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY)
        .pragma("secure_delete", "on")
        .disable_statement_logging()
}

fn file_pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new().max_connections(connections).acquire_timeout(QUEUE).test_before_acquire(false)
}

async fn connect(options: &PgConnectOptions, server: ServerSettings) -> StoreResult<PgPool> {
    let milliseconds = server.statement_timeout.as_millis().to_string();
    let options = options
        .clone()
        .application_name("sealgate")
        // Whoever waits for a lock, or leaves a transaction open, holds others up: no longer than any statement.
        .options([
            ("statement_timeout", milliseconds.as_str()),
            ("lock_timeout", milliseconds.as_str()),
            ("idle_in_transaction_session_timeout", milliseconds.as_str()),
            // What the migrator finds there already is no news.
            ("client_min_messages", "warning"),
        ])
        .disable_statement_logging();
    let pool = PgPoolOptions::new()
        .max_connections(server.connections)
        .acquire_timeout(QUEUE)
        .test_before_acquire(false)
        .before_acquire(|connection, known| {
            Box::pin(async move {
                // One that died is replaced by the pool; asking each time would double the way of every request.
                Ok(known.idle_for < TRUSTED || connection.ping().await.is_ok())
            })
        });
    Ok(pool.connect_with(options).await?)
}

/// Makes the file readable by its owner alone before `SQLite` writes to it; `SQLite` gives its side files
/// the mode of the main one.
fn make_private(path: &Path) -> io::Result<()> {
    OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o600))
}
