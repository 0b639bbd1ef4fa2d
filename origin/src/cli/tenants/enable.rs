//! `sealgate tenants enable`.

use std::process::ExitCode;

use clap::Args;
use sealgate_shared::id::TenantId;

use crate::cli::{CliError, Out};
use crate::office::Office;

/// Let people of a disabled tenant sign in again; the sessions they had stay ended
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  sealgate tenants enable shop")]
pub(in crate::cli) struct Enable {
    /// The tenant
    id: TenantId,
}

impl Enable {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let Self { id } = self;
        if office.enable_tenant(&id).await? {
            writeln!(out, "enabled tenant {id}")?;
        } else {
            writeln!(out, "tenant {id} was enabled already")?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
