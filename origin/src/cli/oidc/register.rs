//! What has to be registered at a provider.

use std::fmt;

use super::Which;
use crate::cli::CliError;
use crate::office::Office;
use crate::oidc::ProviderSettings;

/// An address that the provider has to know.
pub(super) struct Address {
    pub(super) name: &'static str,
    pub(super) uri: String,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<23} {}", self.name, self.uri)
    }
}

/// The addresses at each of the tenant's hosts; at `SITE`, where it answers to any.
pub(super) async fn addresses(
    office: &Office,
    which: &Which,
    settings: &ProviderSettings,
) -> Result<Vec<Address>, CliError> {
    let hosts = office.show_tenant(&which.tenant).await?.hosts;
    let mut hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
    if hosts.is_empty() {
        hosts.push("SITE".to_owned());
    }
    let redirects = match &settings.redirect_uri {
        Some(fixed) => vec![fixed.clone()],
        None => hosts.iter().map(|host| format!("https://{host}{}", which.id.callback_path())).collect(),
    };
    let redirects = redirects.into_iter().map(|uri| Address { name: "redirect URI", uri });
    let logouts = hosts.iter().map(|host| Address {
        name: "back-channel logout URI",
        uri: format!("https://{host}/auth/oidc/{}/backchannel-logout", which.id),
    });
    Ok(redirects.chain(logouts).collect())
}
