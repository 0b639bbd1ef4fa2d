//! The parameters of a query.

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;

use crate::app::AppState;
use crate::http::Problem;

/// The parameters that have not been taken yet. Each may come once, and must be known.
#[derive(Debug)]
pub(in crate::http) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// A parameter that must be there.
    pub(in crate::http) fn required<T>(&mut self, name: &'static str) -> Result<T, Problem>
    where
        T: FromStr<Err: Display>,
    {
        self.optional(name)?.ok_or_else(|| Problem::invalid_field(name, "The parameter is missing."))
    }

    /// A parameter that may be there.
    pub(in crate::http) fn optional<T>(&mut self, name: &'static str) -> Result<Option<T>, Problem>
    where
        T: FromStr<Err: Display>,
    {
        let Some(position) = self.0.iter().position(|(known, _)| known == name) else { return Ok(None) };
        let (_, text) = self.0.swap_remove(position);
        text.parse().map(Some).map_err(|error| Problem::invalid_field(name, format!("The value {error}.")))
    }

    /// Refuses what nobody has taken: unknown names, and second ones.
    pub(in crate::http) fn finish(self) -> Result<(), Problem> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => Err(Problem::unknown_field(name)),
        }
    }
}

impl FromRequestParts<AppState> for Parameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let pairs = Query::<Vec<(String, String)>>::from_request_parts(parts, app).await;
        pairs.map(|pairs| Self(pairs.0)).map_err(|_| Problem::invalid_field("query", "The query cannot be read."))
    }
}

/// How many entries a page of a list has.
#[derive(Debug)]
pub(in crate::http) struct Limit(pub(in crate::http) u32);

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl FromStr for Limit {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let limit = text.parse().ok().filter(|limit| (1..=200).contains(limit));
        limit.map(Self).ok_or("must be a whole number from 1 to 200")
    }
}
