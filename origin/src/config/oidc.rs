//! `OpenID` providers in the TOML file: a table `[[oidc]]` for each.

use std::ffi::{OsStr, OsString};
use std::fmt::Display;
use std::fs;
use std::path::PathBuf;
use std::str::FromStr;

use sealgate_shared::id::TenantId;
use serde::Deserialize;

use super::ConfigError;
use crate::oidc::{GroupRole, ProviderId, ProviderSecret, ProviderSettings};

/// A provider as the file has it.
#[derive(Clone, Debug)]
pub struct FileProvider {
    pub tenant: TenantId,
    pub id: ProviderId,
    pub settings: ProviderSettings,
    pub secret: Option<ProviderSecret>,
    pub enabled: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    tenant: String,
    id: String,
    name: Option<String>,
    issuer: String,
    client_id: String,
    client_secret_file: Option<PathBuf>,
    client_secret_env: Option<String>,
    #[serde(default)]
    scopes: Vec<String>,
    redirect_uri: Option<String>,
    #[serde(default)]
    email_domains: Vec<String>,
    actor_type: Option<String>,
    actor_claim: Option<String>,
    #[serde(default)]
    actor_prefix: String,
    name_claim: Option<String>,
    groups_claim: Option<String>,
    /// Each `GROUP=ROLE`.
    #[serde(default)]
    group_roles: Vec<String>,
    #[serde(default)]
    assurance: u8,
    #[serde(default)]
    shares_actors: bool,
    #[serde(default = "yes")]
    enabled: bool,
}

const fn yes() -> bool {
    true
}

/// Reads the tables. `shown` is the file's name.
pub(super) fn read(
    tables: toml::Value,
    shown: &str,
    environment: &[(OsString, OsString)],
) -> Result<Vec<FileProvider>, ConfigError> {
    let toml::Value::Array(tables) = tables else {
        return Err(ConfigError::new(format!("oidc in {shown}"), "must be tables, each under [[oidc]]"));
    };
    let mut providers: Vec<FileProvider> = Vec::new();
    for (number, table) in (1..).zip(tables) {
        let place = Place(format!("oidc {number} in {shown}"));
        let provider = read_one(table, &place, environment)?;
        let same = |other: &&FileProvider| other.tenant == provider.tenant && other.id == provider.id;
        if providers.iter().any(|other| same(&other)) {
            return Err(place.blame("id", "is another's already"));
        }
        providers.push(provider);
    }
    Ok(providers)
}

/// Which table it is about.
struct Place(String);

impl Place {
    fn blame(&self, field: &str, problem: impl Display) -> ConfigError {
        ConfigError::new(&self.0, format!("{field} {problem}"))
    }

    fn parse<T: FromStr<Err: Display>>(&self, field: &str, text: &str) -> Result<T, ConfigError> {
        text.parse().map_err(|error| self.blame(field, error))
    }
}

fn read_one(
    table: toml::Value,
    place: &Place,
    environment: &[(OsString, OsString)],
) -> Result<FileProvider, ConfigError> {
    if table.get("client_secret").is_some() {
        let problem = "is not taken from here, where everybody reads it: name a file in client_secret_file, or a variable \
            of the environment in client_secret_env";
        return Err(place.blame("client_secret", problem));
    }
    let table: Table = table.try_into().map_err(|error| ConfigError::new(&place.0, one_line(&error)))?;
    let secret = read_secret(&table, place, environment)?;
    let id: ProviderId = place.parse("id", &table.id)?;
    let usual = ProviderSettings::new(id.as_str(), place.parse("issuer", &table.issuer)?, &table.client_id);
    let group_roles = table.group_roles.iter().map(|rule| place.parse::<GroupRole>("group_roles", rule));
    let settings = ProviderSettings {
        name: table.name.unwrap_or(usual.name),
        scopes: if table.scopes.is_empty() { usual.scopes } else { table.scopes },
        redirect_uri: table.redirect_uri,
        email_domains: table.email_domains,
        actor_type: match &table.actor_type {
            Some(kind) => place.parse("actor_type", kind)?,
            None => usual.actor_type,
        },
        actor_claim: table.actor_claim.unwrap_or(usual.actor_claim),
        actor_prefix: table.actor_prefix,
        name_claim: table.name_claim,
        groups_claim: table.groups_claim,
        group_roles: group_roles.collect::<Result<_, _>>()?,
        assurance: table.assurance,
        shares_actors: table.shares_actors,
        ..usual
    };
    let settings = settings.tidy().map_err(|bad| place.blame(bad.field, bad.problem))?;
    Ok(FileProvider { tenant: place.parse("tenant", &table.tenant)?, id, settings, secret, enabled: table.enabled })
}

fn read_secret(
    table: &Table,
    place: &Place,
    environment: &[(OsString, OsString)],
) -> Result<Option<ProviderSecret>, ConfigError> {
    let (field, text) = match (&table.client_secret_file, &table.client_secret_env) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            return Err(place.blame("client_secret_file", "or client_secret_env: give one of them, not both"));
        }
        (Some(path), None) => {
            let cannot =
                |error| place.blame("client_secret_file", format!("cannot be read ({}): {error}", path.display()));
            ("client_secret_file", fs::read_to_string(path).map_err(cannot)?)
        }
        (None, Some(name)) => {
            let found = environment.iter().find(|(known, _)| known == OsStr::new(name));
            let found = found.and_then(|(_, value)| value.to_str());
            let missing = || place.blame("client_secret_env", format!("names {name}, which is not set"));
            ("client_secret_env", found.ok_or_else(missing)?.to_owned())
        }
    };
    // Editors end a file with a new line.
    place.parse(field, text.trim_end_matches(['\r', '\n'])).map(Some)
}

/// The parser's own message may have several lines.
fn one_line(error: &toml::de::Error) -> String {
    error.message().lines().next().unwrap_or("cannot be read").to_owned()
}
