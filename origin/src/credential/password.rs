//! Passwords of operators.

use std::fmt;

use zeroize::Zeroizing;

use crate::random::{self, NoRandomness};

/// The fewest characters (NIST SP 800-63B-4 §3.1.1.2: fifteen where nothing but a password is asked for).
const FEWEST: usize = 15;
/// The most: more would make nothing safer, and every password manager can do with so many.
const MOST: usize = 128;
/// The fewest different ones, so that nobody leans on a key.
const FEWEST_DIFFERENT: usize = 5;

/// The characters of passwords that we make: none is taken for another, also when read out.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Groups of five characters of 5 bits each: 125 bits.
const GROUPS: usize = 5;
const IN_GROUP: usize = 5;

/// A password, wiped from memory when nobody needs it any more, and shown by nothing that does not say so.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

/// Why a password is not good enough to be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPassword {
    #[error("it has fewer than {FEWEST} characters")]
    Short,
    #[error("it has more than {MOST} characters")]
    Long,
    /// The same letter may be typed as other bytes on another machine, of all moments in this one.
    #[error(
        "it has something else in it than letters, digits, signs and blanks of ASCII, which every keyboard types alike"
    )]
    Foreign,
    #[error("it begins or ends with a blank, which gets lost when it is copied")]
    Margin,
    #[error("it has fewer than {FEWEST_DIFFERENT} different characters")]
    Monotonous,
    #[error("it has the name of the account in it")]
    Name,
}

impl Password {
    /// What somebody typed, whatever it is.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Makes one that nobody guesses.
    pub fn draw() -> Result<Self, NoRandomness> {
        let bytes = Zeroizing::new(random::draw::<{ GROUPS * IN_GROUP }>()?);
        // As much room as it takes: a text that grows leaves copies behind.
        let mut text = Zeroizing::new(String::with_capacity(GROUPS * (IN_GROUP + 1)));
        for (position, byte) in bytes.iter().enumerate() {
            if position > 0 && position % IN_GROUP == 0 {
                text.push('-');
            }
            text.push(char::from(ALPHABET[usize::from(byte % 32)]));
        }
        Ok(Self(text))
    }

    /// Whether it may be set for the account.
    pub fn check(&self, account: &str) -> Result<(), BadPassword> {
        let text = self.0.as_str();
        let mut different = [false; 128];
        for byte in text.bytes() {
            match different.get_mut(usize::from(byte)) {
                Some(seen) if byte == b' ' || byte.is_ascii_graphic() => *seen = true,
                _ => return Err(BadPassword::Foreign),
            }
        }
        match text.len() {
            length if length < FEWEST => Err(BadPassword::Short),
            length if length > MOST => Err(BadPassword::Long),
            _ if text.starts_with(' ') || text.ends_with(' ') => Err(BadPassword::Margin),
            _ if different.iter().filter(|seen| **seen).count() < FEWEST_DIFFERENT => Err(BadPassword::Monotonous),
            _ if has(text, account) => Err(BadPassword::Name),
            _ => Ok(()),
        }
    }

    /// The text, for the one who is to have it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Whether the name is in it, in small letters or capitals; a name of three letters may be by chance.
fn has(text: &str, account: &str) -> bool {
    account.len() > 3
        && text.as_bytes().windows(account.len()).any(|part| part.eq_ignore_ascii_case(account.as_bytes()))
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_it() {
        assert_eq!(format!("{:?}", Password::new("correct horse battery".to_owned())), "Password(…)");
    }

    #[test]
    fn what_may_be_set_is_long_varied_and_typed_alike_everywhere() {
        let check = |text: &str| Password::new(text.to_owned()).check("Anna");
        for (text, expected) in [
            ("correct horse battery", Ok(())),
            ("0123456789abcde", Ok(())),
            (&format!("{}abcde", "x".repeat(123)), Ok(())),
            ("", Err(BadPassword::Short)),
            ("0123456789abcd", Err(BadPassword::Short)),
            (&format!("{}abcde", "x".repeat(124)), Err(BadPassword::Long)),
            ("größer als du denkst", Err(BadPassword::Foreign)),
            ("correct\thorse battery", Err(BadPassword::Foreign)),
            ("correct horse battery\n", Err(BadPassword::Foreign)),
            (" correct horse battery", Err(BadPassword::Margin)),
            ("correct horse battery ", Err(BadPassword::Margin)),
            ("aaaaaaaaaaaaaaaaaaaa", Err(BadPassword::Monotonous)),
            ("abcdabcdabcdabcdabcd", Err(BadPassword::Monotonous)),
            ("the aNNa of battery", Err(BadPassword::Name)),
        ] {
            assert_eq!(check(text), expected, "{text:?}");
        }
        assert_eq!(Password::new("correct horse battery".to_owned()).check("cor"), Ok(()));
    }

    #[test]
    fn one_that_we_make_may_be_set_and_is_never_made_twice() {
        let [one, other] = [(); 2].map(|()| Password::draw().unwrap());
        assert_eq!(one.check("ada"), Ok(()));
        assert_eq!((one.expose().len(), one.expose().split('-').count()), (29, 5));
        assert_ne!(one.expose(), other.expose());
    }
}
