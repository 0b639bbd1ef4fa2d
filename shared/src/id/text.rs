//! Ids that people and applications choose: tenants, actors, roles, edges.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::IdError;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $max:literal, $alphabet:literal, $allowed:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// The largest number of characters.
            pub const MAX_LENGTH: usize = $max;

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            fn check(text: &str) -> Result<(), IdError> {
                let allowed: fn(&[u8]) -> bool = $allowed;
                match text.len() {
                    0 => Err(IdError::Empty),
                    length if length > $max => Err(IdError::TooLong($max)),
                    _ if !allowed(text.as_bytes()) => Err(IdError::Alphabet($alphabet)),
                    _ => Ok(()),
                }
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::check(text).map(|()| Self(text.into()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }
    };
}

text_id! {
    /// A tenant: a slug such as `demo`; a canonical UUID fits.
    TenantId, 63, "a–z, 0–9 and, between them, '-'", is_slug
}

text_id! {
    /// The kind of an actor, such as `user` or `service-account`.
    ActorType, 32, "a–z first, then a–z, 0–9, '_' and '-'", |text| {
        text.first().is_some_and(u8::is_ascii_lowercase) && text.iter().all(|&byte| is_slug_byte(byte) || byte == b'_')
    }
}

text_id! {
    /// Who it is, in the application's own terms. It travels signed but readable, so it should be opaque
    /// (a UUID, which takes the least room) rather than a name or an address.
    ActorId, 128, "printable ASCII characters without spaces", |text| text.iter().all(u8::is_ascii_graphic)
}

text_id! {
    /// One role of an actor.
    Role, 32, "A–Z, a–z, 0–9, '.', '_', ':' and '-'", |text| {
        text.iter().all(|&byte| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte))
    }
}

text_id! {
    /// An edge: a slug that names the credential a Worker holds.
    EdgeId, 63, "a–z, 0–9 and, between them, '-'", is_slug
}

fn is_slug(text: &[u8]) -> bool {
    text.iter().all(|&byte| is_slug_byte(byte)) && text.first() != Some(&b'-') && text.last() != Some(&b'-')
}

const fn is_slug_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
}

/// The roles of an actor: at most [`Roles::MAX`], sorted, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Roles(Vec<Role>);

impl Roles {
    /// The largest number of roles.
    pub const MAX: usize = 16;

    /// Sorts the roles and drops repetitions; refuses more than [`Roles::MAX`] of them.
    pub fn new(mut roles: Vec<Role>) -> Result<Self, IdError> {
        roles.sort();
        roles.dedup();
        Self::from_sorted(roles)
    }

    /// Takes roles that are sorted and unique already, as a token carries them.
    pub(crate) fn from_sorted(roles: Vec<Role>) -> Result<Self, IdError> {
        if roles.len() > Self::MAX {
            return Err(IdError::TooMany(Self::MAX));
        }
        let ascending = roles.iter().zip(roles.iter().skip(1)).all(|(one, next)| one < next);
        if ascending { Ok(Self(roles)) } else { Err(IdError::Unsorted) }
    }

    /// The roles in order.
    pub fn iter(&self) -> impl Iterator<Item = &Role> {
        self.0.iter()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'de> Deserialize<'de> for Roles {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Vec::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// The roles between commas, as a header carries them.
impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, role) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str(",")?;
            }
            f.write_str(role.as_str())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use alloc::vec;

    use super::*;

    #[test]
    fn each_kind_knows_its_alphabet() {
        let long = "a".repeat(129);
        for (text, tenant, actor_type, actor_id, role) in [
            ("demo", true, true, true, true),
            ("018f3c5e-7b1a-7c3d-9e4f-5a6b7c8d9e0f", true, false, true, false),
            ("", false, false, false, false),
            ("-demo", false, false, true, true),
            ("demo-", false, true, true, true),
            ("Demo", false, false, true, true),
            ("service_account", false, true, true, true),
            ("ada@example.com", false, false, true, false),
            ("a b", false, false, false, false),
            ("a\nb", false, false, false, false),
            ("a\u{e9}", false, false, false, false),
            (&long, false, false, false, false),
        ] {
            assert_eq!(text.parse::<TenantId>().is_ok(), tenant, "tenant {text:?}");
            assert_eq!(text.parse::<ActorType>().is_ok(), actor_type, "actor type {text:?}");
            assert_eq!(text.parse::<ActorId>().is_ok(), actor_id, "actor id {text:?}");
            assert_eq!(text.parse::<Role>().is_ok(), role, "role {text:?}");
        }
        assert!("a".repeat(128).parse::<ActorId>().is_ok());
    }

    #[test]
    fn roles_are_kept_in_one_order() {
        let roles = |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect::<Vec<Role>>();
        let sorted = Roles::new(roles(&["writer", "admin", "writer"])).unwrap();
        assert_eq!(sorted.to_string(), "admin,writer");
        assert!(!sorted.is_empty());
        assert_eq!(Roles::from_sorted(roles(&["writer", "admin"])), Err(IdError::Unsorted));
        assert_eq!(Roles::from_sorted(roles(&["admin", "admin"])), Err(IdError::Unsorted));
        let many = (0..17).map(|n| n.to_string().parse().unwrap()).collect();
        assert_eq!(Roles::new(many), Err(IdError::TooMany(16)));
        assert!(Roles::new(vec![]).unwrap().is_empty());
    }
    #[test]
    fn roles_are_sorted_however_they_arrive() {
        let read = |json: &str| serde_json::from_str::<Roles>(json);
        let roles = read(r#"["writer", "admin", "writer"]"#).unwrap();
        assert_eq!(serde_json::to_string(&roles).unwrap(), r#"["admin","writer"]"#);
        for wrong in [r#"["a b"]"#, r#"[""]"#, r#""admin""#, "[1]"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
