//! `sealgate oidc disable`.

use std::process::ExitCode;

use clap::Args;

use super::Which;
use crate::cli::{CliError, Out};
use crate::office::Office;
use crate::store::ProviderChange;

/// Let nobody sign in by an OpenID provider; sessions stay, and its logouts are honoured
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  sealgate oidc disable --tenant shop login")]
pub(in crate::cli) struct Disable {
    #[command(flatten)]
    which: Which,
}

impl Disable {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let Which { tenant, id } = &self.which;
        let outcome = office.change_oidc_provider(tenant, id, &ProviderChange::Disable).await?;
        let already = if self.which.judge(outcome)? { "" } else { " already" };
        writeln!(out, "provider {id} of tenant {tenant} is disabled{already}")?;
        Ok(ExitCode::SUCCESS)
    }
}
