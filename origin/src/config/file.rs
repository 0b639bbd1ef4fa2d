//! Settings from a TOML file: one flat table, and one for each `OpenID` provider.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use super::ConfigError;
use super::layers::{Given, find_setting};
use super::oidc::{self, FileProvider};

/// What the file says.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) settings: Vec<(&'static str, Given)>,
    pub(super) providers: Vec<FileProvider>,
}

/// Reads the file. The environment is for the secrets that it names.
pub(super) fn read(path: &Path, environment: &[(OsString, OsString)]) -> Result<File, ConfigError> {
    let shown = path.display().to_string();
    let text =
        fs::read_to_string(path).map_err(|error| ConfigError::new(&shown, format!("cannot be read: {error}")))?;
    let mut table: toml::Table = text.parse().map_err(|error| ConfigError::new(&shown, explain(&error, &text)))?;
    let providers = table.remove("oidc").map_or(Ok(Vec::new()), |tables| oidc::read(tables, &shown, environment))?;
    let settings = table.into_iter().map(|(key, value)| {
        let from = format!("{key} in {shown}");
        let setting = find_setting(&key).ok_or_else(|| ConfigError::new(&from, "there is no such setting"))?;
        let text = match value {
            toml::Value::String(text) => text,
            toml::Value::Boolean(on) => on.to_string(),
            _ => return Err(ConfigError::new(&from, "must be a string, or true or false")),
        };
        Ok((setting, Given { text, from }))
    });
    Ok(File { settings: settings.collect::<Result<_, _>>()?, providers })
}

/// The parser's own message has several lines and quotes the file.
fn explain(error: &toml::de::Error, text: &str) -> String {
    let offset = error.span().map_or(0, |span| span.start);
    let line = text.get(..offset).map_or(1, |before| before.matches('\n').count() + 1);
    format!("is not TOML (line {line}): {}", error.message())
}
