//! `OpenID` providers in the TOML file: a table `[[oidc]]` for each.

mod keys;
mod secret;

use std::ffi::OsString;
use std::fmt::Display;

use sealgate_shared::id::TenantId;

use self::keys::Keys;
pub use self::secret::FileSecret;
use super::ConfigError;
use crate::oidc::{GroupRole, ProviderId, ProviderSecret, ProviderSettings};
use crate::outbound::Outbound;

/// A provider as the file has it.
#[derive(Clone, Debug)]
pub struct FileProvider {
    pub tenant: TenantId,
    pub id: ProviderId,
    pub settings: ProviderSettings,
    pub secret: FileSecret,
    pub enabled: bool,
    /// The file's name.
    pub file: String,
}

impl FileProvider {
    /// An error about this provider.
    pub fn blame(&self, problem: impl Display) -> ConfigError {
        let Self { tenant, id, file, .. } = self;
        ConfigError::new(format!("[[oidc]] {id} of tenant {tenant} in {file}"), problem.to_string())
    }

    /// The client's secret, which only those who serve need: none for a public client.
    pub fn read_secret(&self) -> Result<Option<ProviderSecret>, ConfigError> {
        self.secret.read().map_err(|problem| self.blame(problem))
    }

    /// Refuses addresses that would not be asked, as far as can be told without asking.
    pub fn check_addresses(&self, outbound: &Outbound) -> Result<(), ConfigError> {
        self.settings.check_addresses(outbound).map_err(|bad| self.blame(bad))
    }
}

/// Reads the tables. `shown` is the file's name.
pub(super) fn read(
    tables: toml::Value,
    shown: &str,
    environment: &[(OsString, OsString)],
) -> Result<Vec<FileProvider>, ConfigError> {
    let wrong = || ConfigError::new(format!("oidc in {shown}"), "must be tables, each under [[oidc]]");
    let toml::Value::Array(tables) = tables else { return Err(wrong()) };
    let mut providers: Vec<FileProvider> = Vec::new();
    for (number, table) in (1..).zip(tables) {
        let toml::Value::Table(table) = table else { return Err(wrong()) };
        let provider = read_one(Keys::of(table, number, shown), shown, environment)?;
        if providers.iter().any(|other| other.tenant == provider.tenant && other.id == provider.id) {
            return Err(provider.blame("is there twice"));
        }
        providers.push(provider);
    }
    Ok(providers)
}

fn read_one(mut keys: Keys, shown: &str, environment: &[(OsString, OsString)]) -> Result<FileProvider, ConfigError> {
    let tenant = keys.parsed("tenant")?.ok_or_else(|| keys.missing("tenant"))?;
    let id: ProviderId = keys.parsed("id")?.ok_or_else(|| keys.missing("id"))?;
    let issuer = keys.parsed("issuer")?.ok_or_else(|| keys.missing("issuer"))?;
    let client_id = keys.text("client_id")?.ok_or_else(|| keys.missing("client_id"))?;
    let secret = secret::find(&mut keys, environment)?;
    let usual = ProviderSettings::new(id.as_str(), issuer, &client_id);
    let rules = keys.texts("group_roles")?.unwrap_or_default();
    let group_roles = rules.iter().map(|rule| keys.parse::<GroupRole>("group_roles", rule));
    let settings = ProviderSettings {
        group_roles: group_roles.collect::<Result<_, _>>()?,
        token_endpoint_auth_method: keys.parsed("token_endpoint_auth_method")?,
        trusted_audiences: keys.texts("trusted_audiences")?.unwrap_or_default(),
        name: keys.text("name")?.unwrap_or(usual.name),
        scopes: keys.texts("scopes")?.unwrap_or(usual.scopes),
        redirect_uri: keys.text("redirect_uri")?,
        email_domains: keys.texts("email_domains")?.unwrap_or_default(),
        actor_type: keys.parsed("actor_type")?.unwrap_or(usual.actor_type),
        actor_claim: keys.text("actor_claim")?.unwrap_or(usual.actor_claim),
        actor_prefix: keys.text("actor_prefix")?.unwrap_or_default(),
        name_claim: keys.text("name_claim")?,
        groups_claim: keys.text("groups_claim")?,
        assurance: keys.byte("assurance")?.unwrap_or_default(),
        shares_actors: keys.switch("shares_actors")?.unwrap_or(false),
        issuer: usual.issuer,
        client_id: usual.client_id,
    };
    let settings = settings.tidy(&id).map_err(|bad| keys.blame(bad.field, bad.problem))?;
    let enabled = keys.switch("enabled")?.unwrap_or(true);
    keys.finish()?;
    Ok(FileProvider { tenant, id, settings, secret, enabled, file: shown.to_owned() })
}
