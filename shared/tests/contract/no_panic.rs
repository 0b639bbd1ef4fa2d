//! Whatever a stranger sends is answered, and never stops the program. That nothing here panics is also
//! kept by lints; overflow and slicing inside the libraries below are not.

use std::fmt::Display;
use std::str::FromStr;

use super::kit::{any_claims, demo, now, ring, seal};
use proptest::collection::vec;
use proptest::prelude::*;
use sealgate_shared::cookie::{CookieName, CookieNames, Selection, only_ours, pairs, select, values_of, without_ours};
use sealgate_shared::edge::{EdgeSecret, parse_credential};
use sealgate_shared::id::{ActorId, ActorType, EdgeId, KeyId, Role, SessionId, TenantId};
use sealgate_shared::keyring::KeyringDocument;
use sealgate_shared::secret::Secret32;
use sealgate_shared::token::{Sealed, TokenKind};

/// Text that gets further into the parsers than random characters do.
fn token_like() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "\\PC{0,40}(\\.\\PC{0,40}){0,5}",
        "v1(\\.[A-Za-z0-9_-]{0,60}){0,4}",
        "v1\\.AQEBAQEBAQE\\.[A-Za-z0-9_-]{0,200}\\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]",
        (any_claims(), any::<prop::sample::Index>(), any::<char>()).prop_map(|(claims, position, other)| {
            let mut token = seal(&claims);
            let position = position.index(token.len());
            token.replace_range(position..=position, other.encode_utf8(&mut [0; 4]));
            token
        }),
    ]
}

fn header_like() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        Just("__Host-sg"),
        Just("__Host-sg_csrf"),
        Just(" \t__Host-sg"),
        Just("\u{a0}__Host-sg"),
        Just(""),
        Just("a")
    ];
    let pair = (name, prop_oneof![Just("="), Just(""), Just("==")], token_like());
    prop_oneof![
        any::<String>(),
        vec(pair, 0..8).prop_map(|pairs| {
            let pairs: Vec<_> =
                pairs.into_iter().map(|(name, equals, value)| format!("{name}{equals}{value}")).collect();
            pairs.join("; ")
        })
    ]
}

/// Text that parses is written again as it was read.
fn parse<T: FromStr + Display>(text: &str) -> bool {
    text.parse::<T>().is_ok_and(|id| {
        assert_eq!(id.to_string(), text);
        true
    })
}

proptest! {
    #[test]
    fn tokens(token in token_like()) {
        if let Ok(sealed) = Sealed::parse(&token) {
            for kind in [TokenKind::Access, TokenKind::Bearer] {
                if let Ok(token) = sealed.authenticate(kind, &ring(), &demo()) {
                    let _ = token.verify(now());
                }
            }
        }
    }

    #[test]
    fn cookie_headers(header in header_like()) {
        for names in [CookieNames::Host, CookieNames::Dev] {
            let values = || values_of(&header, names, CookieName::Access);
            let selection = select(values(), &ring(), &demo(), now());
            prop_assert_eq!(values().next().is_none(), selection == Selection::Missing);

            let (ours, others) = (only_ours(&header, names), without_ours(&header, names));
            prop_assert!(pairs(&ours).all(|(name, _)| names.find(name).is_some()));
            // Several lines may have been joined by commas: behind those there is none of ours, either.
            prop_assert!(pairs(&others.replace(',', ";")).all(|(name, _)| names.find(name).is_none()));
            if !header.contains(',') {
                prop_assert_eq!(pairs(&ours).count() + pairs(&others).count(), pairs(&header).count());
            }
            prop_assert!(values_of(&ours, names, CookieName::Access).eq(values()));
        }
    }

    #[test]
    fn keyring_documents(bytes in vec(any::<u8>(), 0..300), first in 0_u8..3) {
        let (edge, secret) = ("edge-1".parse().unwrap(), EdgeSecret::new(Secret32::new([1; 32])));
        prop_assert!(KeyringDocument::open(&bytes, &edge, &secret).is_err());
        prop_assert!(KeyringDocument::open(&[&[first], &bytes[..]].concat(), &edge, &secret).is_err());
    }

    #[test]
    fn ids(text in prop_oneof![any::<String>(), "[a-z0-9-]{0,70}", "(ses|sk)-[A-Za-z0-9_-]{10,24}"]) {
        parse::<SessionId>(&text);
        parse::<KeyId>(&text);
        let slug = parse::<TenantId>(&text);
        prop_assert_eq!(slug, parse::<EdgeId>(&text));
        parse::<ActorType>(&text);
        let role = parse::<Role>(&text);
        // Alphabets nest, so that a slug may stand wherever the others may.
        let actor = parse::<ActorId>(&text);
        prop_assert!(actor || !(slug || role), "{text:?}");
    }

    #[test]
    fn credentials_and_secrets(text in prop_oneof![any::<String>(), "[a-z0-9-]{0,64}\\.[A-Za-z0-9_-]{40,44}"]) {
        if let Some((edge, auth)) = parse_credential(&text) {
            prop_assert_eq!(format!("{edge}.{}", auth.expose_base64url()), text.clone());
        }
        if let Some(secret) = Secret32::from_base64url(&text) {
            prop_assert_eq!(secret.expose_base64url(), text);
        }
    }
}
