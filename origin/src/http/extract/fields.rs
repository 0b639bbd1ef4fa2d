//! Taking fields out of an object one by one; what is left at the end is unknown.

use std::fmt::Display;
use std::str::FromStr;

use serde_json::Value;

use crate::http::Problem;

/// The most characters of a name that somebody gives to a device.
pub(in crate::http) const MAX_LABEL: usize = 64;

/// The fields that have not been taken yet.
#[derive(Debug)]
pub(in crate::http) struct Fields(Vec<(String, Value)>);

impl Fields {
    pub(super) const fn new(pairs: Vec<(String, Value)>) -> Self {
        Self(pairs)
    }

    /// A text that must be there and have the form of a `T`.
    pub(in crate::http) fn required<T>(&mut self, name: &'static str) -> Result<T, Problem>
    where
        T: FromStr<Err: Display>,
    {
        let text = self.text(name)?.ok_or_else(|| Problem::invalid_field(name, "The field is missing."))?;
        text.parse().map_err(|error| Problem::invalid_field(name, format!("The value {error}.")))
    }

    /// A text, if there is one; `null` counts as absent.
    pub(in crate::http) fn text(&mut self, name: &'static str) -> Result<Option<String>, Problem> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Problem::invalid_field(name, "The value must be a string.")),
        }
    }

    /// A text of at most `max` characters, none of them a control character.
    pub(in crate::http) fn short_text(&mut self, name: &'static str, max: usize) -> Result<Option<String>, Problem> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        match find_fault(&text, max) {
            Some(fault) => Err(Problem::invalid_field(name, format!("The value {fault}."))),
            None => Ok(Some(text)),
        }
    }

    /// As [`Self::short_text`], and must be there: `null` says that there is to be none.
    pub(in crate::http) fn short_text_or_null(
        &mut self,
        name: &'static str,
        max: usize,
    ) -> Result<Option<String>, Problem> {
        if self.contains(name) {
            self.short_text(name, max)
        } else {
            Err(Problem::invalid_field(name, "The field is missing."))
        }
    }

    /// Whether there is a field of that name, be it `null`.
    pub(in crate::http) fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// `true` or `false`; false when absent.
    pub(in crate::http) fn flag(&mut self, name: &'static str) -> Result<bool, Problem> {
        match self.take(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(_) => Err(Problem::invalid_field(name, "The value must be true or false.")),
        }
    }

    /// A whole number from 0 to 255, if there is one.
    pub(in crate::http) fn optional_byte(&mut self, name: &'static str) -> Result<Option<u8>, Problem> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let number = value.as_u64().and_then(|number| u8::try_from(number).ok());
        number.map(Some).ok_or_else(|| Problem::invalid_field(name, "The value must be a whole number from 0 to 255."))
    }

    /// A list of texts of the form of a `T` that must be there; it may be empty.
    pub(in crate::http) fn required_list<T>(&mut self, name: &'static str) -> Result<Vec<T>, Problem>
    where
        T: FromStr<Err: Display>,
    {
        self.optional_list(name)?.ok_or_else(|| Problem::invalid_field(name, "The field is missing."))
    }

    /// A list of texts of the form of a `T`; empty when absent.
    pub(in crate::http) fn list<T>(&mut self, name: &'static str) -> Result<Vec<T>, Problem>
    where
        T: FromStr<Err: Display>,
    {
        self.optional_list(name).map(Option::unwrap_or_default)
    }

    /// A list of texts of the form of a `T`, if there is one.
    pub(in crate::http) fn optional_list<T>(&mut self, name: &'static str) -> Result<Option<Vec<T>>, Problem>
    where
        T: FromStr<Err: Display>,
    {
        let wrong = || Problem::invalid_field(name, "The value must be a list of strings.");
        match self.take(name) {
            None => Ok(None),
            Some(Value::Array(values)) => (1..)
                .zip(&values)
                .map(|(number, value)| {
                    let text = value.as_str().ok_or_else(wrong)?;
                    text.parse().map_err(|error| Problem::invalid_field(name, format!("Entry {number} {error}.")))
                })
                .collect::<Result<_, _>>()
                .map(Some),
            Some(_) => Err(wrong()),
        }
    }

    /// Refuses what nobody has taken.
    pub(in crate::http) fn finish(self) -> Result<(), Problem> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => Err(Problem::unknown_field(name)),
        }
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        let position = self.0.iter().position(|(known, _)| known == name)?;
        let (_, value) = self.0.swap_remove(position);
        (!value.is_null()).then_some(value)
    }
}

/// What is wrong with a short text, if anything is.
pub(in crate::http) fn find_fault(text: &str, max: usize) -> Option<String> {
    if text.is_empty() || text.chars().count() > max {
        return Some(format!("must have 1 to {max} characters"));
    }
    text.chars().any(char::is_control).then(|| "must not contain control characters".to_owned())
}
