//! Opening the `SQLite` file.

use std::fs::{self, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::{StartLock, Store, StoreError, StoreResult, migrate};

/// Readers work in parallel; beyond the number of cores they only wait for each other.
const READERS: u32 = 4;
/// How long another process (the command line) may hold the write lock before we give up.
const BUSY: Duration = Duration::from_secs(5);
/// How long a request may queue for a connection.
const QUEUE: Duration = Duration::from_secs(5);

impl Store {
    /// Opens the file, made with mode 0600 when absent, and applies the migrations that it lacks.
    pub async fn open(path: &Path, _lock: &StartLock) -> StoreResult<Self> {
        make_private(path).map_err(|error| StoreError::Unavailable(error.into()))?;
        let options = options(path).journal_mode(SqliteJournalMode::Wal);
        let write = pool().max_connections(1).connect_with(options.clone()).await?;
        migrate::run(&write).await?;
        let read = pool().max_connections(READERS).connect_with(options.pragma("query_only", "on")).await?;
        Ok(Self { write, read })
    }

    /// Opens a file that is there and changes nothing about it, for finding out what is wrong with it.
    pub async fn open_as_is(path: &Path) -> StoreResult<Self> {
        let options = options(path);
        let write = pool().max_connections(1).connect_with(options.clone()).await?;
        let read = pool().max_connections(1).connect_with(options.pragma("query_only", "on")).await?;
        Ok(Self { write, read })
    }
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        // A revocation that was acknowledged holds through a power cut as well.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY)
        .pragma("secure_delete", "on")
        .disable_statement_logging()
}

fn pool() -> SqlitePoolOptions {
    SqlitePoolOptions::new().acquire_timeout(QUEUE).test_before_acquire(false)
}

/// Makes the file readable by its owner alone before `SQLite` writes to it; `SQLite` gives its side files
/// the mode of the main one.
fn make_private(path: &Path) -> io::Result<()> {
    OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o600))
}
