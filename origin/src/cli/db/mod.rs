//! `sealgate db`.

mod backup;
mod restored;

use std::process::ExitCode;

use clap::Subcommand;

use super::{CliError, Out};
use crate::office::Office;

#[derive(Debug, Subcommand)]
pub(super) enum Db {
    Backup(backup::Backup),
    Restored(restored::Restored),
}

impl Db {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        match self {
            Self::Backup(backup) => backup.run(office, out).await,
            Self::Restored(restored) => restored.run(office, out).await,
        }
    }
}
