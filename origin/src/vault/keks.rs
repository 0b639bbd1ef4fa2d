//! The key-encryption keys that are held: one writes, all read.

use std::fmt;

use sealgate_shared::secret::Secret32;

use super::{Kek, KekId};

/// What every key must be, in words that follow its name.
pub const KEK_FORM: &str = "must be 32 random bytes as 43 characters of base64url";

/// One or more KEKs, no two the same.
#[derive(Clone, Debug)]
pub struct Keks {
    writing: Kek,
    /// The others, which only read.
    reading: Vec<Kek>,
}

/// Why a text is not a list of KEKs. Keys are told by their number, never by their text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KekListError {
    #[error("there is no key in it; a key {KEK_FORM}")]
    Empty,
    #[error("{KEK_FORM}")]
    Form,
    #[error("key {number} of {all} {KEK_FORM}")]
    FormOf { number: usize, all: usize },
    #[error("keys {first} and {second} are the same")]
    Twice { first: usize, second: usize },
}

impl Keks {
    /// Reads keys with commas or white space between them; the first one writes. A line that begins with `#` is a
    /// comment.
    pub fn parse(text: &str) -> Result<Self, KekListError> {
        let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        let words = lines.flat_map(|line| line.split(|char: char| char == ',' || char.is_whitespace()));
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        let mut keks: Vec<Kek> = Vec::with_capacity(words.len());
        for (index, word) in words.iter().enumerate() {
            let form = match words.len() {
                1 => KekListError::Form,
                all => KekListError::FormOf { number: index + 1, all },
            };
            let kek = Kek::new(&Secret32::from_base64url(word).ok_or(form)?);
            if let Some(first) = keks.iter().position(|known| known.id() == kek.id()) {
                return Err(KekListError::Twice { first: first + 1, second: index + 1 });
            }
            keks.push(kek);
        }
        let mut keks = keks.into_iter();
        let writing = keks.next().ok_or(KekListError::Empty)?;
        Ok(Self { writing, reading: keks.collect() })
    }

    /// The one that writes.
    pub const fn writing(&self) -> &Kek {
        &self.writing
    }

    /// The KEK of that id.
    pub fn find(&self, id: KekId) -> Option<&Kek> {
        self.iter().find(|kek| kek.id() == id)
    }

    /// The ids of all, the writing one's first.
    pub fn ids(&self) -> impl Iterator<Item = KekId> {
        self.iter().map(Kek::id)
    }

    fn iter(&self) -> impl Iterator<Item = &Kek> {
        std::iter::once(&self.writing).chain(&self.reading)
    }
}

impl From<Kek> for Keks {
    fn from(writing: Kek) -> Self {
        Self { writing, reading: Vec::new() }
    }
}

/// The ids, the writing one's first.
impl fmt::Display for Keks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, id) in self.ids().enumerate() {
            write!(f, "{}{id}", if index == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(byte: u8) -> String {
        Secret32::new([byte; 32]).expose_base64url()
    }

    fn kek(byte: u8) -> KekId {
        Kek::new(&Secret32::new([byte; 32])).id()
    }

    #[test]
    fn the_first_writes_whatever_stands_between_them() {
        let (one, two, three) = (text(1), text(2), text(3));
        for written in [
            format!("{one},{two},{three}"),
            format!(" {one} {two}\t{three}\n"),
            format!("{one}\r\n{two}\r\n{three}\r\n"),
            format!("{one}, {two} ,\n,{three},"),
            format!("# the new one, {three}\n{one}\n  # before\n#\n{two}\n\n{three}"),
        ] {
            let keks = Keks::parse(&written).unwrap();
            assert_eq!(keks.writing().id(), kek(1), "{written:?}");
            assert_eq!(keks.ids().collect::<Vec<_>>(), [kek(1), kek(2), kek(3)], "{written:?}");
        }
        let alone = Keks::parse(&one).unwrap();
        assert_eq!(alone.ids().collect::<Vec<_>>(), [kek(1)]);
        assert_eq!(alone.find(kek(2)).map(Kek::id), None);
    }

    #[test]
    fn mistakes_are_told_without_the_keys() {
        let (one, two) = (text(1), text(2));
        for (written, expected) in [
            (String::new(), "there is no key in it; a key must be 32 random bytes"),
            (", \n".to_owned(), "there is no key in it"),
            (format!("# {one}\n"), "there is no key in it"),
            (one[1..].to_owned(), "must be 32 random bytes"),
            (format!("{one}{two}"), "must be 32 random bytes"),
            (format!("{one};{two}"), "must be 32 random bytes"),
            (format!("{one}, {}", &two[1..]), "key 2 of 2 must be 32 random bytes"),
            (format!("{one} # the old one"), "key 2 of 5 must be 32 random bytes"),
            (format!("{one},{two},{one}"), "keys 1 and 3 are the same"),
        ] {
            let error = Keks::parse(&written).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error:?} does not start with {expected:?}");
            assert!(!error.contains(&one[1..9]) && !error.contains(&two[1..9]), "{error}");
        }
    }

    #[test]
    fn shows_the_ids_alone() {
        let keks = Keks::parse(&format!("{} {}", text(1), text(2))).unwrap();
        assert_eq!(keks.to_string(), format!("{}, {}", kek(1), kek(2)));
        let shown = format!("{keks:?}");
        assert!(shown.contains("redacted") && !shown.contains(&text(1)[..8]) && !shown.contains("1, 1"), "{shown}");
    }
}
