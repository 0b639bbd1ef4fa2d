//! The names that a tenant's sites answer to.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// The largest number of hosts that a tenant may have.
pub const MAX_HOSTS: usize = 100;

/// A host name as a browser sends it in `Host` and as edges are configured with it: exact, in lower case, in
/// Punycode, with its port where that is not the scheme's own.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName(Box<str>);

/// What is wrong with the text of a host name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostNameError {
    #[error("must not be empty")]
    Empty,
    #[error("must have at most {} characters", HostName::MAX_LENGTH)]
    TooLong,
    #[error("must be a host name alone, without scheme and path")]
    NotAlone,
    #[error("must be an exact name: there are no wildcards")]
    Wildcard,
    #[error("must be written in Punycode (xn--…)")]
    NotAscii,
    #[error("must be in lower case")]
    UpperCase,
    #[error("must consist of labels between dots, each 1 to 63 of a–z, 0–9 and, between them, '-'")]
    Label,
    #[error("must end in a port from 1 to 65535 where it has one")]
    Port,
    #[error("must not name the port that browsers leave out (80, 443)")]
    DefaultPort,
}

impl HostName {
    /// The largest number of characters.
    pub const MAX_LENGTH: usize = 253;

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HostName {
    type Err = HostNameError;

    fn from_str(text: &str) -> Result<Self, HostNameError> {
        check_characters(text)?;
        let (name, port) = text.split_once(':').map_or((text, None), |(name, port)| (name, Some(port)));
        if !name.split('.').all(is_label) {
            return Err(HostNameError::Label);
        }
        port.map_or(Ok(()), check_port)?;
        Ok(Self(text.into()))
    }
}

/// Looks for what people write in place of a host name, so that they are told what to change.
fn check_characters(text: &str) -> Result<(), HostNameError> {
    if text.is_empty() {
        return Err(HostNameError::Empty);
    }
    if text.chars().count() > HostName::MAX_LENGTH {
        return Err(HostNameError::TooLong);
    }
    if text.contains(['/', '?', '#', '@']) {
        return Err(HostNameError::NotAlone);
    }
    if text.contains('*') {
        return Err(HostNameError::Wildcard);
    }
    if !text.is_ascii() {
        return Err(HostNameError::NotAscii);
    }
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(HostNameError::UpperCase);
    }
    Ok(())
}

fn is_label(label: &str) -> bool {
    let bytes = label.as_bytes();
    (1..=63).contains(&bytes.len())
        && bytes.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-')
        && bytes.first() != Some(&b'-')
        && bytes.last() != Some(&b'-')
}

fn check_port(port: &str) -> Result<(), HostNameError> {
    let one_spelling = port.bytes().all(|byte| byte.is_ascii_digit()) && !port.starts_with('0');
    match port.parse::<u16>() {
        Ok(80 | 443) if one_spelling => Err(HostNameError::DefaultPort),
        Ok(_) if one_spelling => Ok(()),
        _ => Err(HostNameError::Port),
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Serialize for HostName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_edges_have_them_are_taken() {
        let long = format!("{}.{}.example", "a".repeat(63), "b".repeat(63));
        for name in ["shop.example", "localhost:8787", "intranet", "127.0.0.1:8443", "xn--bcher-kva.example", &long] {
            assert_eq!(name.parse::<HostName>().map(|host| host.to_string()).as_deref(), Ok(name));
        }
    }

    #[test]
    fn other_names_are_refused_with_the_reason() {
        let long_label = format!("{}.example", "a".repeat(64));
        let long = "a.".repeat(126) + "aa";
        for (name, expected) in [
            ("", HostNameError::Empty),
            (long.as_str(), HostNameError::TooLong),
            ("https://shop.example", HostNameError::NotAlone),
            ("shop.example/", HostNameError::NotAlone),
            ("ada@shop.example", HostNameError::NotAlone),
            ("*.shop.example", HostNameError::Wildcard),
            ("bücher.example", HostNameError::NotAscii),
            ("Shop.example", HostNameError::UpperCase),
            (".example", HostNameError::Label),
            ("shop.example.", HostNameError::Label),
            ("shop..example", HostNameError::Label),
            ("-shop.example", HostNameError::Label),
            ("shop-.example", HostNameError::Label),
            ("sh_op.example", HostNameError::Label),
            ("shop example", HostNameError::Label),
            (":8787", HostNameError::Label),
            ("[::1]:8787", HostNameError::Label),
            (long_label.as_str(), HostNameError::Label),
            ("localhost:", HostNameError::Port),
            ("localhost:0", HostNameError::Port),
            ("localhost:08787", HostNameError::Port),
            ("localhost:+8787", HostNameError::Port),
            ("localhost:65536", HostNameError::Port),
            ("localhost:1:2", HostNameError::Port),
            ("shop.example:443", HostNameError::DefaultPort),
            ("shop.example:80", HostNameError::DefaultPort),
        ] {
            assert_eq!(name.parse::<HostName>(), Err(expected), "{name}");
        }
    }
}
