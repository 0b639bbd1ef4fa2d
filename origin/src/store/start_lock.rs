//! A lock between processes that start at once on one database.
//!
//! `SQLx`'s migrator takes no lock on `SQLite`, and switching a new file to WAL wants it alone.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Held while a process opens, migrates and seeds the database; the operating system drops it with the
/// process, however that ends.
#[derive(Debug)]
pub struct StartLock {
    _file: File,
}

impl StartLock {
    /// Waits until this process is the only one starting on the database at `database`.
    pub async fn take(database: &Path) -> io::Result<Self> {
        let mut path = database.as_os_str().to_owned();
        path.push(".lock");
        let path = PathBuf::from(path);
        let locked = tokio::task::spawn_blocking(move || {
            let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
            file.lock()?;
            Ok(file)
        });
        let file = locked.await.unwrap_or_else(|panicked| Err(io::Error::other(panicked)))?;
        Ok(Self { _file: file })
    }
}
