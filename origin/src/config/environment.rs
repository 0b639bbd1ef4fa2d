//! Settings from the environment: `SEALGATE_` and the setting's name in capitals.

use std::ffi::OsString;
use std::path::PathBuf;

use super::ConfigError;
use super::layers::{Given, find_setting};

const PREFIX: &str = "SEALGATE_";
/// Names of ours that are somebody else's business, the Worker's and the application's, when one shell starts all.
const NOT_OURS: &[&str] = &["SEALGATE_EDGE_SECRET", "SEALGATE_SERVICE_TOKEN"];

/// What the environment says.
#[derive(Debug, Default)]
pub(super) struct Environment {
    pub(super) settings: Vec<(&'static str, Given)>,
    pub(super) config: Option<PathBuf>,
    /// Never a flag (other users see those) and never in the file (that gets copied about).
    pub(super) kek: Option<String>,
}

pub(super) fn read(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Result<Environment, ConfigError> {
    let mut environment = Environment::default();
    let mut common_database = None;
    for (name, value) in variables {
        let Some(name) = name.to_str().map(str::to_owned) else { continue };
        if name == "DATABASE_URL" {
            common_database = Some(Given { text: read_text(&name, value)?, from: name });
            continue;
        }
        let Some(setting) = name.strip_prefix(PREFIX) else { continue };
        // Secrets of providers, which the file names.
        if NOT_OURS.contains(&name.as_str()) || setting.starts_with("OIDC_SECRET_") {
            continue;
        }
        match setting {
            "CONFIG" => environment.config = Some(value.into()),
            "KEK" => environment.kek = Some(read_text(&name, value)?),
            _ => {
                let known = (setting == setting.to_ascii_uppercase()).then(|| setting.to_ascii_lowercase());
                let known = known.and_then(|setting| find_setting(&setting));
                let setting = known.ok_or_else(|| ConfigError::new(&name, "there is no such setting"))?;
                environment.settings.push((setting, Given { text: read_text(&name, value)?, from: name }));
            }
        }
    }
    // Hosting platforms set DATABASE_URL; our own name, where given, is meant more.
    environment.settings.extend(common_database.map(|given| ("database_url", given)));
    Ok(environment)
}

fn read_text(name: &str, value: OsString) -> Result<String, ConfigError> {
    value.into_string().map_err(|_| ConfigError::new(name, "the value is not text"))
}
