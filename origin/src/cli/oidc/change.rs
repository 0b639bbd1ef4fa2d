//! `sealgate oidc change`.

use std::process::ExitCode;

use clap::Args;

use super::Which;
use super::options::{self, Clearable, Options};
use crate::cli::{CliError, Out};
use crate::office::{NewSecret, Office};
use crate::oidc::{Issuer, ProviderSettings};
use crate::outbound::Outbound;

/// Change an OpenID provider: what is not named stays, its secret too
#[derive(Args, Debug)]
#[command(after_help = "An option that may be given several times takes the place of all that was there.\n\n\
    Examples:\n  \
    sealgate oidc change --tenant shop login --scope email --email-domain shop.example --email-domain shop.test\n  \
    sealgate oidc change --tenant shop login --clear email-domains --clear name-claim\n  \
    pass show shop/oidc | sealgate oidc change --tenant shop login --client-secret-file -")]
pub(in crate::cli) struct Change {
    #[command(flatten)]
    which: Which,
    /// The provider's issuer, letter by letter as it writes it
    #[arg(long, value_name = "URL")]
    issuer: Option<Issuer>,
    /// What the provider calls us
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    #[command(flatten)]
    options: Options,
    /// A setting to put back to what it is when nothing is said; may be given several times
    #[arg(long, value_name = "NAME", value_enum)]
    clear: Vec<Clearable>,
}

impl Change {
    pub(super) async fn run(self, office: &Office, outbound: &Outbound, out: Out<'_>) -> Result<ExitCode, CliError> {
        let Self { which, issuer, client_id, options, clear } = self;
        let held = which.find(office).await?;
        let secret = match options.read_secret()? {
            Some(secret) => NewSecret::Set(Some(secret)),
            None if clear.contains(&Clearable::ClientSecret) => NewSecret::Set(None),
            None => NewSecret::Keep,
        };
        let mut settings = held.settings.clone();
        settings.issuer = issuer.unwrap_or(settings.issuer);
        settings.client_id = client_id.unwrap_or(settings.client_id);
        let usual = ProviderSettings::new(which.id.as_str(), settings.issuer.clone(), &settings.client_id);
        for setting in clear {
            setting.clear(&mut settings, &usual);
        }
        let settings = options::check(options.apply(settings), &which.id, outbound)?;
        let mut changed = settings.name_changes(&held.settings);
        let new_secret = match &secret {
            NewSecret::Keep => false,
            NewSecret::Set(secret) => secret.is_some() || held.secret.is_some(),
        };
        changed.extend(new_secret.then_some("client_secret"));
        let Which { tenant, id } = &which;
        if which.judge(office.replace_oidc_provider(tenant, id, &settings, &secret).await?)? {
            let changed = changed.join(", ").replace('_', " ");
            writeln!(out, "changed provider {id} of tenant {tenant}: {changed}")?;
        } else {
            writeln!(out, "provider {id} of tenant {tenant} is so already")?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
