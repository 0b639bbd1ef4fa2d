//! `sealgate keys rotate`.

use std::io::Write;
use std::process::ExitCode;

use clap::Subcommand;
use sealgate_shared::id::TenantId;

use super::CliError;
use crate::office::Office;

#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    /// Sign with the next key from now on; nobody is signed out
    #[command(after_help = "Example:\n  sealgate keys rotate --tenant shop")]
    Rotate {
        /// The tenant whose keys to rotate
        #[arg(long)]
        tenant: TenantId,
    },
}

impl Keys {
    pub(super) async fn run(self, office: &Office, out: &mut (dyn Write + Send)) -> Result<ExitCode, CliError> {
        let Self::Rotate { tenant } = self;
        let rotation = office.rotate(&tenant).await?;
        writeln!(out, "retired  {}  verifies what it signed", rotation.retired)?;
        writeln!(out, "active   {}  signs from now on", rotation.active)?;
        writeln!(out, "pending  {}  signs after the next rotation", rotation.pending)?;
        Ok(ExitCode::SUCCESS)
    }
}
