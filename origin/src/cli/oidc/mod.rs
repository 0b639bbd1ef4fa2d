//! `sealgate oidc`.

mod add;
mod change;
mod disable;
mod enable;
mod list;
mod options;
mod register;
mod remove;
mod secret;
mod show;
mod test;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use sealgate_shared::id::TenantId;

use super::{CliError, Out};
use crate::office::{Office, OfficeError};
use crate::oidc::{Provider, ProviderId};
use crate::outbound::Outbound;
use crate::store::ProviderOutcome;

#[derive(Debug, Subcommand)]
pub(super) enum Oidc {
    Add(Box<add::Add>),
    Change(Box<change::Change>),
    List(list::List),
    Show(show::Show),
    Test(test::Test),
    Disable(disable::Disable),
    Enable(enable::Enable),
    Remove(remove::Remove),
}

impl Oidc {
    pub(super) async fn run(self, office: &Office, outbound: &Outbound, out: Out<'_>) -> Result<ExitCode, CliError> {
        match self {
            Self::Add(add) => add.run(office, outbound, out).await,
            Self::Change(change) => change.run(office, outbound, out).await,
            Self::List(list) => list.run(office, out).await,
            Self::Show(show) => show.run(office, out).await,
            Self::Test(test) => test.run(office, outbound, out).await,
            Self::Disable(disable) => disable.run(office, out).await,
            Self::Enable(enable) => enable.run(office, out).await,
            Self::Remove(remove) => remove.run(office, out).await,
        }
    }
}

/// Which provider a command is about.
#[derive(Args, Debug)]
struct Which {
    /// The tenant
    #[arg(long)]
    tenant: TenantId,
    /// The provider
    id: ProviderId,
}

impl Which {
    async fn find(&self, office: &Office) -> Result<Provider, CliError> {
        if let Some(provider) = office.oidc_provider(&self.tenant, &self.id).await? {
            return Ok(provider);
        }
        office.require_tenant(&self.tenant).await?;
        Err(self.missing())
    }

    fn missing(&self) -> CliError {
        CliError::NotFound(format!("provider {} in tenant {}", self.id, self.tenant))
    }

    /// Says why nothing was changed; whether anything was.
    fn judge(&self, outcome: ProviderOutcome) -> Result<bool, CliError> {
        match outcome {
            ProviderOutcome::Done => Ok(true),
            ProviderOutcome::Unchanged => Ok(false),
            ProviderOutcome::NotFound => Err(self.missing()),
            ProviderOutcome::NoTenant => Err(OfficeError::TenantNotFound(self.tenant.clone()).into()),
            ProviderOutcome::Exists => Err(CliError::Refused(format!(
                "there is a provider {} already; `sealgate oidc change --tenant {} {}` changes it",
                self.id, self.tenant, self.id
            ))),
            ProviderOutcome::ManagedByFile => Err(CliError::Refused(format!(
                "the provider {} is kept in the configuration file, under [[oidc]]: change it there",
                self.id
            ))),
            ProviderOutcome::SecretNeeded => Err(CliError::Argument(
                "--client-secret-file",
                "with another issuer or client id the secret must be given again, or --clear client-secret".to_owned(),
            )),
            ProviderOutcome::Overlaps(other) => Err(CliError::Refused(format!(
                "the providers {} and {other} could name the same people: give one of them another --actor-type, or each \
                 an --actor-prefix of which neither begins with the other; or say --shares-actors. `sealgate oidc change` \
                 does so for one that is there",
                self.id
            ))),
        }
    }
}
