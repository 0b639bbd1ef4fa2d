//! A client's secret at its provider.

use std::fmt;
use std::str::FromStr;

use zeroize::Zeroizing;

/// The secret, shown to the provider alone.
#[derive(Clone)]
pub struct ProviderSecret(Zeroizing<String>);

/// Not a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must have 1 to 1,024 printable characters of ASCII (RFC 6749 appendix A.2)")]
pub struct BadSecret;

impl ProviderSecret {
    /// The most characters of one.
    pub const MAX_LENGTH: usize = 1_024;

    /// The secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for ProviderSecret {
    type Err = BadSecret;

    fn from_str(text: &str) -> Result<Self, BadSecret> {
        let fits = (1..=Self::MAX_LENGTH).contains(&text.len());
        let printable = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        if fits && printable { Ok(Self(Zeroizing::new(text.to_owned()))) } else { Err(BadSecret) }
    }
}

impl fmt::Debug for ProviderSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProviderSecret(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_does_not_show() {
        let secret: ProviderSecret = "hunter2 and more".parse().unwrap();
        assert_eq!(secret.expose(), "hunter2 and more");
        assert!(!format!("{secret:?}").contains("hunter2"));
    }

    #[test]
    fn it_is_printable_and_of_some_length() {
        for wrong in [String::new(), "a\n".to_owned(), "ä".to_owned(), "a".repeat(1_025)] {
            assert_eq!(wrong.parse::<ProviderSecret>().err(), Some(BadSecret), "{wrong}");
        }
        assert!("a".repeat(1_024).parse::<ProviderSecret>().is_ok());
    }
}
