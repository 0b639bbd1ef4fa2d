//! Copying an `SQLite` database while it is in use.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use super::engine::Pool;
use super::{Store, StoreError, StoreResult};

/// What came of a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackupOutcome {
    Done,
    /// There is such a file already; it was left alone.
    FileExists,
    /// The database is a server's.
    NotAFile,
}

impl Store {
    /// Copies the database into a new file that its owner alone can read.
    pub async fn back_up(&self, file: &Path) -> StoreResult<BackupOutcome> {
        // The copy is a transaction that reads: it is of one moment, and holds no writer up.
        const SQL: &str = "vacuum into $1";
        if matches!(self.read, Pool::Postgres(_)) {
            return Ok(BackupOutcome::NotAFile);
        }
        // `vacuum into` takes an empty file, whose mode it leaves as it is.
        match OpenOptions::new().create_new(true).write(true).mode(0o600).open(file) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(BackupOutcome::FileExists),
            Err(error) => return Err(StoreError::Unavailable(error.into())),
        }
        self.write.execute(SQL, &[&file.to_string_lossy().into_owned()]).await?;
        Ok(BackupOutcome::Done)
    }
}
