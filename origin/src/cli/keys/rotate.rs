//! `sealgate keys rotate`.

use std::process::ExitCode;

use clap::Args;
use sealgate_shared::id::TenantId;

use crate::cli::{CliError, Out};
use crate::office::Office;

/// Sign with the next key from now on; nobody is signed out
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  sealgate keys rotate --tenant shop")]
pub(in crate::cli) struct Rotate {
    /// The tenant whose keys to rotate
    #[arg(long)]
    tenant: TenantId,
}

impl Rotate {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let rotation = office.rotate(&self.tenant).await?;
        writeln!(out, "retired  {}  verifies what it signed", rotation.retired)?;
        writeln!(out, "active   {}  signs from now on", rotation.active)?;
        writeln!(out, "pending  {}  signs after the next rotation", rotation.pending)?;
        Ok(ExitCode::SUCCESS)
    }
}
