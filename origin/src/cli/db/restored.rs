//! `sealgate db restored`.

use std::process::ExitCode;

use clap::Args;

use crate::cli::{CliError, Out};
use crate::office::{AfterRestore, Office};

/// Say that the database was restored from a backup: what was revoked since is unknown, so every session and key ends
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  sealgate db restored\n  sealgate db restored --keep-sessions")]
pub(in crate::cli) struct Restored {
    /// Let sessions and keys go on as they were when the backup was made, revocations since then being lost
    #[arg(long)]
    keep_sessions: bool,
}

impl Restored {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let then = if self.keep_sessions { AfterRestore::KeepSessions } else { AfterRestore::EndSessions };
        office.begin_epoch(None, then).await?;
        let epoch = office.store().standing().await?.position.epoch;
        let what = if self.keep_sessions { "sessions go on" } else { "every session and key of before has ended" };
        writeln!(out, "epoch {epoch} has begun; {what}")?;
        Ok(ExitCode::SUCCESS)
    }
}
