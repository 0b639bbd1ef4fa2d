//! How a client shows its secret.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How a client shows its secret at the token endpoint (`OpenID` Connect Core 1.0 §9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// In the header.
    ClientSecretBasic,
    /// In the form.
    ClientSecretPost,
}

impl AuthMethod {
    /// The word of the specification.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
        }
    }
}

impl fmt::Display for AuthMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// None of those that we know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be client_secret_basic or client_secret_post")]
pub struct BadAuthMethod;

impl FromStr for AuthMethod {
    type Err = BadAuthMethod;

    fn from_str(text: &str) -> Result<Self, BadAuthMethod> {
        let known = [Self::ClientSecretBasic, Self::ClientSecretPost];
        known.into_iter().find(|method| method.as_str() == text).ok_or(BadAuthMethod)
    }
}
