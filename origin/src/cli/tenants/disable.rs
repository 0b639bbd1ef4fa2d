//! `sealgate tenants disable`.

use std::process::ExitCode;

use clap::Args;
use sealgate_shared::id::TenantId;

use crate::cli::{CliError, Out};
use crate::iso8601;
use crate::office::Office;

/// End a tenant's sessions here and now, and let nobody sign in until it is enabled again
#[derive(Args, Debug)]
#[command(
    after_help = "Nothing is deleted, and nothing but the sessions is lost: `sealgate tenants enable` takes it back.\n\n\
    Example:\n  sealgate tenants disable shop"
)]
pub(in crate::cli) struct Disable {
    /// The tenant
    id: TenantId,
}

impl Disable {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let Self { id } = self;
        if let Some(ended) = office.disable_tenant(&id).await? {
            writeln!(out, "disabled tenant {id} (sessions ended: {ended})")?;
        } else {
            let at = office.show_tenant(&id).await?.disabled_at.unwrap_or_else(|| office.now());
            writeln!(out, "tenant {id} was disabled already, {}", iso8601::format(at))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
