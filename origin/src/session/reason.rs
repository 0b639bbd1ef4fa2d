//! The words that columns of a session may hold.

use std::fmt;
use std::str::FromStr;

use sealgate_shared::refresh;

/// A word in the database that is none of ours.
#[derive(Debug, thiserror::Error)]
#[error("not one of the words this column may hold")]
pub struct UnknownWord;

/// How the session's tokens travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    Cookie,
    Bearer,
}

/// Why a session was revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokedReason {
    SignOut,
    Rotation,
    Admin,
    Reuse,
    BackChannel,
    CredentialChange,
    KeyRevoked,
    /// The actor had too many.
    SessionLimit,
}

/// How a session came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// A backend that had authenticated somebody asked for it.
    Backend,
    /// An OpenID provider vouched for its actor.
    Oidc,
    /// By the password of an operator, for when no provider answers.
    BreakGlass,
    /// By the sign-in of development, which asks for nothing.
    Development,
    /// `sealgate mint`.
    Command,
}

impl Channel {
    const ALL: [Self; 2] = [Self::Cookie, Self::Bearer];

    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cookie => "cookie",
            Self::Bearer => "bearer",
        }
    }
}

impl RevokedReason {
    const ALL: [Self; 8] = [
        Self::SignOut,
        Self::Rotation,
        Self::Admin,
        Self::Reuse,
        Self::BackChannel,
        Self::CredentialChange,
        Self::KeyRevoked,
        Self::SessionLimit,
    ];

    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignOut => "sign_out",
            Self::Rotation => "rotation",
            Self::Admin => "admin",
            Self::Reuse => "reuse",
            Self::BackChannel => "back_channel",
            Self::CredentialChange => "credential_change",
            Self::KeyRevoked => "key_revoked",
            Self::SessionLimit => "session_limit",
        }
    }
}

impl Method {
    const ALL: [Self; 5] = [Self::Backend, Self::Oidc, Self::BreakGlass, Self::Development, Self::Command];

    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Backend => "backend",
            Self::Oidc => "oidc",
            Self::BreakGlass => "break_glass",
            Self::Development => "development",
            Self::Command => "command",
        }
    }
}

impl From<Channel> for refresh::Channel {
    fn from(channel: Channel) -> Self {
        match channel {
            Channel::Cookie => Self::Cookie,
            Channel::Bearer => Self::Bearer,
        }
    }
}

impl FromStr for Channel {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|one| one.as_str() == text).ok_or(UnknownWord)
    }
}

impl FromStr for Method {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|one| one.as_str() == text).ok_or(UnknownWord)
    }
}

impl FromStr for RevokedReason {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|one| one.as_str() == text).ok_or(UnknownWord)
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for RevokedReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
