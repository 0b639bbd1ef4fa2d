//! `sealgate oidc enable`.

use std::process::ExitCode;

use clap::Args;

use super::Which;
use crate::cli::{CliError, Out};
use crate::office::Office;
use crate::store::ProviderChange;

/// Let people sign in by an OpenID provider again
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  sealgate oidc enable --tenant shop login")]
pub(in crate::cli) struct Enable {
    #[command(flatten)]
    which: Which,
}

impl Enable {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let Which { tenant, id } = &self.which;
        let outcome = office.change_oidc_provider(tenant, id, &ProviderChange::Enable).await?;
        let already = if self.which.judge(outcome)? { "" } else { " already" };
        writeln!(out, "provider {id} of tenant {tenant} is enabled{already}")?;
        Ok(ExitCode::SUCCESS)
    }
}
