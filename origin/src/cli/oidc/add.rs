//! `sealgate oidc add`.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{ArgGroup, Args};

use super::options::{self, Options};
use super::{Which, register};
use crate::cli::{CliError, Out};
use crate::office::Office;
use crate::oidc::{Issuer, ProviderSettings};
use crate::outbound::Outbound;

/// Add an OpenID provider, by which people of the tenant may sign in at once
#[derive(Args, Debug)]
#[command(group(ArgGroup::new("secret").required(true).args(["client_secret_file", "public"])))]
#[command(after_help = "At the provider, register the redirect URI https://HOST/auth/oidc/ID/callback and, if it has \
    back-channel logout, https://HOST/auth/oidc/ID/backchannel-logout. Then: sealgate oidc test.\n\n\
    Examples:\n  \
    sealgate oidc add --tenant shop login --issuer https://login.example --client-id shop --client-secret-file secret\n  \
    pass show shop/oidc | sealgate oidc add --tenant shop login --issuer https://login.example --client-id shop \
    --client-secret-file -\n  \
    sealgate oidc add --tenant shop login --issuer https://login.example --client-id shop --public --scope email \
    --email-domain shop.example")]
pub(in crate::cli) struct Add {
    #[command(flatten)]
    which: Which,
    /// The provider's issuer, letter by letter as it writes it
    #[arg(long, value_name = "URL")]
    issuer: Issuer,
    /// What the provider calls us
    #[arg(long, value_name = "ID")]
    client_id: String,
    /// A client without secret: PKCE alone
    #[arg(long)]
    public: bool,
    #[command(flatten)]
    options: Options,
}

impl Add {
    pub(super) async fn run(self, office: &Office, outbound: &Outbound, out: Out<'_>) -> Result<ExitCode, CliError> {
        let Self { which, issuer, client_id, options, .. } = self;
        let secret = options.read_secret()?;
        let usual = ProviderSettings::new(which.id.as_str(), issuer, &client_id);
        let settings = options::check(options.apply(usual), &which.id, outbound)?;
        which.judge(office.add_oidc_provider(&which.tenant, &which.id, &settings, secret.as_ref()).await?)?;
        writeln!(out, "{}", which.id)?;
        let addresses = register::addresses(office, &which, &settings).await?;
        let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        let Which { tenant, id } = &which;
        let hint = format!(
            "Register at the provider:\n  {}\nThen: sealgate oidc test --tenant {tenant} {id}\n",
            addresses.join("\n  ")
        );
        // The provider is there, whether or not anybody reads this.
        drop(io::stderr().write_all(hint.as_bytes()));
        Ok(ExitCode::SUCCESS)
    }
}
