//! What ID tokens and logout tokens have in common: how a claim is read, before it is compared (RFC 7519 §§2, 4.1).

use sealgate_shared::time::UnixMillis;
use serde::Deserialize;
use serde_json::Number;

use super::ProviderSettings;

/// By how much a provider's clock may differ from ours, in milliseconds.
pub(crate) const LEEWAY_MS: u64 = 60_000;
/// The longest subject (`OpenID` Connect Core 1.0 §2), and the longest of the other names that we keep.
const MAX_LENGTH: usize = 255;

/// Whom a token is for.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Audience {
    One(String),
    Several(Vec<String>),
}

/// A time in seconds, which may have a fraction (RFC 7519 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Number")]
pub(super) struct NumericDate(pub(super) UnixMillis);

/// What a provider calls a person, a session or a token: the database can be asked for it, and a person can read it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Name(pub(super) String);

impl Audience {
    /// Whether it is for us, and for nobody else but those who are trusted: whoever a token is for could show it to us as
    /// theirs (`OpenID` Connect Core 1.0 §3.1.3.7).
    pub(super) fn is(&self, settings: &ProviderSettings) -> bool {
        let is_us = |one: &String| *one == settings.client_id;
        match self {
            Self::One(one) => is_us(one),
            Self::Several(all) => {
                all.iter().any(is_us) && all.iter().all(|one| is_us(one) || settings.trusted_audiences.contains(one))
            }
        }
    }

    /// Whether it is for others, too: then it has to say who asked for it.
    pub(super) fn is_shared(&self, settings: &ProviderSettings) -> bool {
        matches!(self, Self::Several(all) if all.iter().any(|one| *one != settings.client_id))
    }
}

impl TryFrom<Number> for NumericDate {
    type Error = &'static str;

    fn try_from(number: Number) -> Result<Self, Self::Error> {
        let whole = number.as_u64().and_then(|seconds| seconds.checked_mul(1_000));
        let milliseconds = whole.or_else(|| {
            let seconds = number.as_f64().filter(|seconds| (0.0..1e11).contains(seconds))?;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it lies between these ends")]
            let milliseconds = (seconds * 1_000.0) as u64;
            Some(milliseconds)
        });
        milliseconds.and_then(UnixMillis::new).map(Self).ok_or("not a time between 1970 and 9999")
    }
}

impl TryFrom<String> for Name {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_name = (1..=MAX_LENGTH).contains(&text.len()) && !text.chars().any(char::is_control);
        if is_name { Ok(Self(text)) } else { Err("not a name of 1 to 255 bytes") }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn for_us_and_nobody_else() {
        for (audience, good) in [
            (json!("us"), Some(true)),
            (json!(["us"]), Some(true)),
            (json!(["us", "us"]), Some(true)),
            (json!(["us", "them"]), Some(false)),
            (json!(["them"]), Some(false)),
            (json!("us "), Some(false)),
            (json!([]), Some(false)),
            (json!([["us"]]), None),
            (json!({ "us": true }), None),
            (json!(7), None),
        ] {
            let read = serde_json::from_value::<Audience>(audience.clone()).ok();
            assert_eq!(read.map(|read| read.is(&settings(&[]))), good, "{audience}");
        }
    }

    fn settings(trusted: &[&str]) -> ProviderSettings {
        let usual = ProviderSettings::new("Login", "https://login.example".parse().unwrap(), "us");
        ProviderSettings { trusted_audiences: trusted.iter().map(|&one| one.to_owned()).collect(), ..usual }
    }

    #[test]
    fn and_for_those_who_are_trusted() {
        for (audience, good, shared) in [
            (json!("us"), true, false),
            (json!(["us", "us"]), true, false),
            (json!(["us", "them"]), true, true),
            (json!(["them", "project", "us"]), true, true),
            (json!(["us", "them", "others"]), false, true),
            (json!(["them", "project"]), false, true),
            (json!("them"), false, false),
            (json!([]), false, false),
        ] {
            let read: Audience = serde_json::from_value(audience.clone()).unwrap();
            let settings = settings(&["them", "project"]);
            assert_eq!((read.is(&settings), read.is_shared(&settings)), (good, shared), "{audience}");
        }
    }

    #[test]
    fn times_are_numbers_within_reason() {
        for (value, milliseconds) in [
            (json!(0), Some(0)),
            (json!(1_780_315_200), Some(1_780_315_200_000)),
            (json!(1_780_315_200.9), Some(1_780_315_200_900)),
            (json!(-1), None),
            (json!(-0.5), None),
            (json!(1e300), None),
            (json!(u64::MAX), None),
            (json!("1780315200"), None),
            (json!(null), None),
            (json!(true), None),
        ] {
            let read = serde_json::from_value::<NumericDate>(value.clone()).ok();
            assert_eq!(read.map(|date| date.0.as_u64()), milliseconds, "{value}");
        }
    }

    #[test]
    fn names_can_be_kept_and_read() {
        for (text, good) in [("a", true), (&*"a".repeat(255), true), ("Ada Ł.", true), ("", false), ("a\u{0}", false)]
        {
            assert_eq!(Name::try_from(text.to_owned()).is_ok(), good, "{text:?}");
        }
        assert!(Name::try_from("é".repeat(128)).is_err(), "bytes are counted");
    }
}
