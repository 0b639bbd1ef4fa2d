//! The keys of one table, taken out one by one. Every mistake names the key, and never quotes what is there.

use std::fmt::Display;
use std::str::FromStr;

use super::ConfigError;

pub(super) struct Keys {
    table: toml::Table,
    /// Which table it is.
    place: String,
}

impl Keys {
    /// Those of the table of that number, counted from 1.
    pub(super) fn of(table: toml::Table, number: usize, shown: &str) -> Self {
        let text = |key: &str| table.get(key).and_then(toml::Value::as_str);
        let place = match (text("id"), text("tenant")) {
            (Some(id), Some(tenant)) => {
                format!("[[oidc]] {} of tenant {} in {shown}", id.escape_debug(), tenant.escape_debug())
            }
            _ => format!("[[oidc]] {number} in {shown}"),
        };
        Self { table, place }
    }

    pub(super) fn blame(&self, key: &str, problem: impl Display) -> ConfigError {
        ConfigError::new(&self.place, format!("{key} {problem}"))
    }

    pub(super) fn missing(&self, key: &str) -> ConfigError {
        self.blame(key, "is missing")
    }

    pub(super) fn parse<T: FromStr<Err: Display>>(&self, key: &str, text: &str) -> Result<T, ConfigError> {
        text.parse().map_err(|error| self.blame(key, error))
    }

    pub(super) fn text(&mut self, key: &str) -> Result<Option<String>, ConfigError> {
        match self.table.remove(key) {
            None => Ok(None),
            Some(toml::Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.blame(key, "must be a string")),
        }
    }

    pub(super) fn parsed<T: FromStr<Err: Display>>(&mut self, key: &str) -> Result<Option<T>, ConfigError> {
        self.text(key)?.map(|text| self.parse(key, &text)).transpose()
    }

    pub(super) fn texts(&mut self, key: &str) -> Result<Option<Vec<String>>, ConfigError> {
        let Some(value) = self.table.remove(key) else { return Ok(None) };
        let texts = value.try_into().map_err(|_| self.blame(key, "must be a list of strings: [\"one\", \"two\"]"))?;
        Ok(Some(texts))
    }

    pub(super) fn byte(&mut self, key: &str) -> Result<Option<u8>, ConfigError> {
        let Some(value) = self.table.remove(key) else { return Ok(None) };
        let number = value.as_integer().and_then(|number| number.try_into().ok());
        number.map(Some).ok_or_else(|| self.blame(key, "must be a number from 0 to 255"))
    }

    pub(super) fn switch(&mut self, key: &str) -> Result<Option<bool>, ConfigError> {
        let Some(value) = self.table.remove(key) else { return Ok(None) };
        value.as_bool().map(Some).ok_or_else(|| self.blame(key, "must be true or false, without quotes"))
    }

    /// Whether the key is there, and still to be taken.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Refuses keys that nobody has asked for.
    pub(super) fn finish(self) -> Result<(), ConfigError> {
        match self.table.keys().next() {
            Some(key) => Err(self.blame(key, "is no key of such a table")),
            None => Ok(()),
        }
    }
}
