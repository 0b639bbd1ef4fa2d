//! A lock between processes that start at once on one database.
//!
//! `SQLx`'s migrator takes no lock on `SQLite`, and switching a new file to WAL wants it alone; and what
//! development seeds is to be made once.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use sqlx::{ConnectOptions as _, PgConnection};

use super::{Location, StoreError, StoreResult};

/// Held while a process opens, migrates and seeds the database; it ends with the process, however that ends.
#[derive(Debug)]
pub struct StartLock {
    _held: Held,
}

#[derive(Debug)]
enum Held {
    /// The operating system drops it.
    File(#[expect(dead_code, reason = "held, not used")] File),
    /// The server drops it with the connection.
    Connection(#[expect(dead_code, reason = "held, not used")] Box<PgConnection>),
}

impl StartLock {
    /// Waits until this process is the only one starting on the database.
    pub async fn take(location: &Location) -> StoreResult<Self> {
        // "sealgate" as a number; others may keep their own locks in the same database.
        const SQL: &str = "select pg_advisory_lock(8313470842069640293)";
        let held = match location {
            Location::Sqlite(path) => {
                Held::File(lock_file(path).await.map_err(|error| StoreError::Unavailable(error.into()))?)
            }
            Location::Postgres(options) => {
                let mut connection = options.connect().await?;
                sqlx::query(SQL).execute(&mut connection).await?;
                Held::Connection(Box::new(connection))
            }
        };
        Ok(Self { _held: held })
    }
}

async fn lock_file(database: &Path) -> io::Result<File> {
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    let path = PathBuf::from(path);
    let locked = tokio::task::spawn_blocking(move || {
        let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
        file.lock()?;
        Ok(file)
    });
    locked.await.unwrap_or_else(|panicked| Err(io::Error::other(panicked)))
}
