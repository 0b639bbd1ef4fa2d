//! `sealgate tenants create`.

use std::process::ExitCode;

use clap::Args;
use sealgate_shared::id::TenantId;

use crate::cli::{CliError, Out, name_existing};
use crate::office::Office;

/// Make a tenant with its first signing keys
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  sealgate tenants create shop")]
pub(in crate::cli) struct Create {
    /// A slug: a–z, 0–9 and, between them, '-'
    id: TenantId,
}

impl Create {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let created = office.create_tenant(&self.id).await;
        created.map_err(|error| name_existing(error, || format!("a tenant {}", self.id)))?;
        writeln!(out, "{}", self.id)?;
        Ok(ExitCode::SUCCESS)
    }
}
