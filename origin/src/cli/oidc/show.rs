//! `sealgate oidc show`.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::{Which, register};
use crate::cli::table::make_printable;
use crate::cli::{CliError, Out, join};
use crate::http::ProviderObject;
use crate::iso8601;
use crate::office::Office;
use crate::oidc::{AuthMethod, Provider};

/// Show one OpenID provider, all but its secret
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    sealgate oidc show --tenant shop login\n  \
    sealgate oidc show --tenant shop login --json")]
pub(in crate::cli) struct Show {
    #[command(flatten)]
    which: Which,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let provider = self.which.find(office).await?;
        if self.json {
            writeln!(out, "{}", json!(ProviderObject::from(provider)))?;
            return Ok(ExitCode::SUCCESS);
        }
        for (name, value) in describe(&provider) {
            let line = format!("{name:<16} {}", make_printable(&value));
            writeln!(out, "{}", line.trim_end())?;
        }
        writeln!(out, "\nto be registered at the provider:")?;
        for address in register::addresses(office, &self.which, &provider.settings).await? {
            writeln!(out, "{address}")?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What there is to be known, what is asked about most first.
fn describe(provider: &Provider) -> [(&'static str, String); 22] {
    let yes_or_no = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    let settings = &provider.settings;
    [
        ("id", provider.id.to_string()),
        ("name", settings.name.clone()),
        ("enabled", yes_or_no(provider.enabled)),
        ("kept in", if provider.managed_by_file { "file" } else { "database" }.to_owned()),
        ("issuer", settings.issuer.to_string()),
        ("client id", settings.client_id.clone()),
        ("client secret", yes_or_no(provider.secret.is_some())),
        ("secret shown by", settings.token_endpoint_auth_method.map(AuthMethod::as_str).unwrap_or_default().to_owned()),
        ("trusted audiences", join(&settings.trusted_audiences)),
        ("scopes", join(&settings.scopes)),
        ("redirect uri", settings.redirect_uri.clone().unwrap_or_default()),
        ("email domains", join(&settings.email_domains)),
        ("actor type", settings.actor_type.to_string()),
        ("actor claim", settings.actor_claim.clone()),
        ("actor prefix", settings.actor_prefix.clone()),
        ("shares actors", yes_or_no(settings.shares_actors)),
        ("name claim", settings.name_claim.clone().unwrap_or_default()),
        ("groups claim", settings.groups_claim.clone().unwrap_or_default()),
        ("group roles", join(&settings.group_roles)),
        ("assurance", settings.assurance.to_string()),
        ("created at", iso8601::format(provider.created_at)),
        ("updated at", iso8601::format(provider.updated_at)),
    ]
}
