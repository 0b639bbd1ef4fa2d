//! Ids that are random bytes: sessions and signing keys.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::IdError;
use crate::base64url;

macro_rules! binary_id {
    ($(#[$doc:meta])* $name:ident, $length:literal, $prefix:literal, $form:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $length]);

        impl $name {
            /// Takes the bytes, which the caller drew from a cryptographic random number generator.
            pub const fn new(bytes: [u8; $length]) -> Self {
                Self(bytes)
            }

            /// The bytes.
            pub const fn as_bytes(&self) -> &[u8; $length] {
                &self.0
            }
        }

        #[doc = concat!("Writes `", $form, "`.")]
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($prefix)?;
                f.write_str(&base64url::encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix($prefix)
                    .and_then(base64url::decode_exact)
                    .map(Self)
                    .ok_or(IdError::Form($form))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }
    };
}

binary_id! {
    /// A session: 16 random bytes, written `ses-` and 22 characters of base64url.
    SessionId, 16, "ses-", "ses-<22 characters of base64url>"
}

binary_id! {
    /// A signing key: 8 random bytes, written `sk-` and 11 characters of base64url. A token carries the
    /// 11 characters alone (its `kid`, as in RFC 7515 §4.1.4).
    KeyId, 8, "sk-", "sk-<11 characters of base64url>"
}

impl KeyId {
    /// Reads the id as a token carries it.
    pub(crate) fn from_kid(kid: &str) -> Option<Self> {
        base64url::decode_exact(kid).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn text_goes_there_and_back() {
        let session = SessionId::new([0xF0; 16]);
        assert_eq!(session.to_string().len(), 26);
        assert_eq!(session.to_string().parse(), Ok(session));
        let key = KeyId::new([3; 8]);
        assert_eq!(key.to_string(), "sk-AwMDAwMDAwM");
        assert_eq!(key.to_string().parse(), Ok(key));
    }

    #[test]
    fn other_forms_are_refused() {
        let wrong =
            ["", "ses-", "AwMDAwMDAwM", "sk-AwMDAwMDAwN", "sk-AwMDAwMDAwM=", "ses-AwMDAwMDAwM", "SK-AwMDAwMDAwM"];
        for text in wrong {
            assert!(text.parse::<KeyId>().is_err(), "{text}");
        }
    }
}
