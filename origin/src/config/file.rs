//! Settings from a TOML file: one flat table.

use std::fs;
use std::path::Path;

use super::ConfigError;
use super::layers::{Given, find_setting};

pub(super) fn read(path: &Path) -> Result<Vec<(&'static str, Given)>, ConfigError> {
    let shown = path.display().to_string();
    let text =
        fs::read_to_string(path).map_err(|error| ConfigError::new(&shown, format!("cannot be read: {error}")))?;
    let table: toml::Table = text.parse().map_err(|error| ConfigError::new(&shown, explain(&error, &text)))?;
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
    settings.collect()
}

/// The parser's own message has several lines and quotes the file.
fn explain(error: &toml::de::Error, text: &str) -> String {
    let offset = error.span().map_or(0, |span| span.start);
    let line = text.get(..offset).map_or(1, |before| before.matches('\n').count() + 1);
    format!("is not TOML (line {line}): {}", error.message())
}
