//! Where the file says that a client's secret is.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::PathBuf;

use zeroize::Zeroizing;

use super::ConfigError;
use super::keys::Keys;
use crate::oidc::{BadSecret, ProviderSecret};

/// A client's secret, or where it is. Only those who serve need it: no command fails for want of it.
#[derive(Clone, Debug)]
pub enum FileSecret {
    /// A public client has none.
    None,
    File(PathBuf),
    /// The variable of that name of the environment, and what was in it when the configuration was read.
    Variable(String, Option<Result<ProviderSecret, BadSecret>>),
}

impl FileSecret {
    /// The secret; else what is wrong.
    pub(super) fn read(&self) -> Result<Option<ProviderSecret>, String> {
        match self {
            Self::None => Ok(None),
            Self::File(path) => {
                let shown = path.display();
                let text = fs::read_to_string(path)
                    .map_err(|error| format!("client_secret_file cannot be read ({shown}): {error}"))?;
                let secret = parse(text).map_err(|error| format!("client_secret_file {error} ({shown})"))?;
                Ok(Some(secret))
            }
            Self::Variable(name, None) => Err(format!("client_secret_env names {name}, which is not set")),
            Self::Variable(name, Some(Err(error))) => Err(format!("client_secret_env {error} ({name})")),
            Self::Variable(_, Some(Ok(secret))) => Ok(Some(secret.clone())),
        }
    }
}

/// Editors end a file with a new line.
fn parse(text: String) -> Result<ProviderSecret, BadSecret> {
    Zeroizing::new(text).trim_end_matches(['\r', '\n']).parse()
}

/// Where the table says that it is.
pub(super) fn find(keys: &mut Keys, environment: &[(OsString, OsString)]) -> Result<FileSecret, ConfigError> {
    if keys.has("client_secret") {
        let problem = "is not taken from here, where everybody reads it: name a file in client_secret_file, or a variable \
            of the environment in client_secret_env";
        return Err(keys.blame("client_secret", problem));
    }
    match (keys.text("client_secret_file")?, keys.text("client_secret_env")?) {
        (None, None) => Ok(FileSecret::None),
        (Some(path), None) => Ok(FileSecret::File(path.into())),
        (None, Some(name)) => {
            let found = environment.iter().find(|(known, _)| known == OsStr::new(&name));
            // What is no text is no secret either.
            let found = found.map(|(_, value)| value.to_str().map_or(Err(BadSecret), |text| parse(text.to_owned())));
            Ok(FileSecret::Variable(name, found))
        }
        (Some(_), Some(_)) => Err(keys.blame("client_secret_file", "or client_secret_env: give one of them, not both")),
    }
}
