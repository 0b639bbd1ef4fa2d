//! `sealgate oidc remove`.

use std::process::ExitCode;

use clap::Args;

use super::Which;
use crate::cli::{CliError, Out};
use crate::office::Office;
use crate::store::ProviderChange;

/// Remove an OpenID provider; the sessions of those who signed in by it stay, out of reach of its logouts
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  sealgate oidc remove --tenant shop login")]
pub(in crate::cli) struct Remove {
    #[command(flatten)]
    which: Which,
}

impl Remove {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let Which { tenant, id } = &self.which;
        let outcome = office.change_oidc_provider(tenant, id, &ProviderChange::Remove).await?;
        self.which.judge(outcome)?;
        writeln!(out, "removed provider {id} of tenant {tenant}")?;
        Ok(ExitCode::SUCCESS)
    }
}
