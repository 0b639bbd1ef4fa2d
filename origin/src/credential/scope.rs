//! What a service token may do.

use std::fmt;
use std::str::FromStr;

/// One thing a service token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Mint,
    Read,
    Revoke,
    /// Set what is known of actors beyond their sessions.
    Actors,
    /// Make, disable and delete tenants. Operators' tokens have this scope and no other, and nobody else's have it.
    Tenants,
}

/// A set of scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scopes(u8);

/// A scope that is none of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a scope (sessions:mint, sessions:read, sessions:revoke, actors:write and, for operators, tenants are)"
)]
pub struct UnknownScope(String);

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 5] = [Self::Mint, Self::Read, Self::Revoke, Self::Actors, Self::Tenants];

    /// The scope's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mint => "sessions:mint",
            Self::Read => "sessions:read",
            Self::Revoke => "sessions:revoke",
            Self::Actors => "actors:write",
            Self::Tenants => "tenants",
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl Scopes {
    /// All that a tenant's token may do.
    pub fn all() -> Self {
        [Scope::Mint, Scope::Read, Scope::Revoke, Scope::Actors].into_iter().collect()
    }

    /// What an operator's token may do.
    pub fn operator() -> Self {
        [Scope::Tenants].into_iter().collect()
    }

    /// Whether the set has the scope.
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | scope.bit()))
    }
}

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text).ok_or_else(|| UnknownScope(text.to_owned()))
    }
}

/// Scopes between spaces, as in RFC 6749 §3.3.
impl FromStr for Scopes {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        text.split_ascii_whitespace().map(Scope::from_str).collect()
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> =
            Scope::ALL.into_iter().filter(|&scope| self.contains(scope)).map(Scope::as_str).collect();
        f.write_str(&names.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_go_to_text_and_back() {
        for bits in 0..32 {
            let scopes = Scopes(bits);
            assert_eq!(scopes.to_string().parse(), Ok(scopes));
        }
        assert_eq!(Scopes::all().to_string(), "sessions:mint sessions:read sessions:revoke actors:write");
        assert_eq!(Scopes::operator().to_string(), "tenants");
        assert!("sessions:mint sessions:everything".parse::<Scopes>().is_err());
        assert!(!"sessions:read".parse::<Scopes>().unwrap().contains(Scope::Mint));
    }
}
