//! `sealgate db backup`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::cli::{CliError, Out};
use crate::office::Office;
use crate::store::BackupOutcome;

/// Copy the SQLite database into a file, whole and as of one moment, while it is in use
#[derive(Args, Debug)]
#[command(
    after_help = "A PostgreSQL server is backed up with its own tools: pg_dump, or a base backup and its log.\n\n\
    Example:\n  sealgate db backup /backup/sealgate.db"
)]
pub(in crate::cli) struct Backup {
    /// The file to make; one that is there is left alone
    file: PathBuf,
}

impl Backup {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        match office.store().back_up(&self.file).await? {
            BackupOutcome::Done => {
                writeln!(out, "{}", self.file.display())?;
                Ok(ExitCode::SUCCESS)
            }
            BackupOutcome::FileExists => Err(CliError::Exists(self.file.display().to_string())),
            BackupOutcome::NotAFile => {
                let problem = "PostgreSQL is backed up with its own tools, such as pg_dump".to_owned();
                Err(CliError::Argument("database", problem))
            }
        }
    }
}
