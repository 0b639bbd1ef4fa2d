//! Tokens: sealed ones verify, and nothing near them does.

use super::kit::{
    self, ACTOR, MAX_LIFETIME_MS, acme, acme_key, any_claims, claims, demo, demo_key, live, now, ring, seal, session,
    verify,
};
use hmac::{Hmac, KeyInit, Mac};
use proptest::prelude::*;
use sealgate_shared::claims::{Claims, TimesOutOfOrder};
use sealgate_shared::id::Roles;
use sealgate_shared::key::Purpose;
use sealgate_shared::reject::Reject;
use sealgate_shared::time::UnixMillis;
use sealgate_shared::token::{MAX_LENGTH, RevocationAnswer, SealError, Sealed, TokenKind};

const BASE64URL: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// A token whose claims are that text, whatever it is, under a MAC that holds.
fn sign_text(text: &str) -> String {
    let kid = demo_key().id().to_string();
    let signed = format!("v1.{}.{text}", kid.strip_prefix("sk-").unwrap());
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(demo_key().derive(Purpose::Access).expose()).unwrap();
    mac.update(signed.as_bytes());
    format!("{signed}.{}", base64url(&mac.finalize().into_bytes()))
}

fn base64url(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

fn claims_bytes(token: &str) -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token.split('.').nth(2).unwrap()).unwrap()
}

fn roles(names: &[&str]) -> Roles {
    Roles::new(names.iter().map(|name| name.parse().unwrap()).collect()).unwrap()
}

proptest! {
    #[test]
    fn what_was_sealed_verifies_and_says_the_same(claims in any_claims()) {
        let token = seal(&claims);
        prop_assert!(token.len() <= MAX_LENGTH);
        let verified = verify(&token, &ring(), claims.issued_at).unwrap();
        prop_assert_eq!(verified.claims(), &claims);
        prop_assert_eq!(verified.kid(), demo_key().id());
        let live = verified.admit(live(claims.session)).unwrap();
        prop_assert_eq!(live.claims(), &claims);
    }

    #[test]
    fn one_bit_is_enough(claims in any_claims(), position in any::<prop::sample::Index>(), bit in 0_u32..8) {
        let mut bytes = seal(&claims).into_bytes();
        let position = position.index(bytes.len());
        bytes[position] ^= 1_u8 << bit;
        // What is no UTF-8 any more does not even reach the parser.
        if let Ok(bent) = String::from_utf8(bytes) {
            prop_assert!(verify(&bent, &ring(), claims.issued_at).is_err());
        }
    }

    /// Even under a MAC that holds, each token that passes is the one spelling of what it says.
    #[test]
    fn signed_claims_are_canonical_or_refused(
        claims in any_claims(),
        from in any::<prop::sample::Index>(),
        cut in 0_usize..4,
        put in prop::collection::vec(any::<u8>(), 0..4),
    ) {
        let mut bytes = claims_bytes(&seal(&claims));
        let from = from.index(bytes.len());
        bytes.splice(from..(from + cut).min(bytes.len()), put);
        expect_canonical_or_refused(&sign_text(&base64url(&bytes)))?;
    }

    #[test]
    fn signed_junk_is_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        expect_canonical_or_refused(&sign_text(&base64url(&bytes)))?;
    }
}

fn expect_canonical_or_refused(token: &str) -> Result<(), TestCaseError> {
    match Sealed::parse(token).and_then(|sealed| sealed.authenticate(TokenKind::Access, &ring(), &demo())) {
        Ok(authentic) => prop_assert_eq!(seal(authentic.claims()), token),
        Err(reject) => {
            let for_what_it_says = [Reject::BadClaims, Reject::WrongTenant, Reject::LifetimeTooLong];
            prop_assert!(for_what_it_says.contains(&reject), "{reject:?}");
        }
    }
    Ok(())
}

#[test]
fn every_other_character_anywhere_is_refused() {
    let (token, ring) = (seal(&claims()), ring());
    for (position, original) in token.char_indices() {
        for other in BASE64URL.chars().chain("=+/. %~\u{0}\u{7f}\u{e9}\u{ff21}".chars()) {
            if other != original {
                let bent = format!("{}{other}{}", &token[..position], &token[position + 1..]);
                assert!(verify(&bent, &ring, now()).is_err(), "{bent}");
            }
        }
    }
}

#[test]
fn one_character_more_or_less_is_refused() {
    let (token, ring) = (seal(&claims()), ring());
    for position in 0..=token.len() {
        let (before, after) = token.split_at(position);
        for more in ["A", "=", ".", " ", "\0", "\u{e9}"] {
            assert!(verify(&format!("{before}{more}{after}"), &ring, now()).is_err(), "{more:?} at {position}");
        }
        if position < token.len() {
            assert!(verify(&format!("{before}{}", &after[1..]), &ring, now()).is_err(), "without {position}");
            assert!(verify(before, &ring, now()).is_err(), "cut to {position}");
            assert!(position == 0 || verify(after, &ring, now()).is_err(), "cut from {position}");
        }
    }
}

#[test]
fn every_trailing_byte_is_refused() {
    let bytes = claims_bytes(&seal(&claims()));
    for more in 0..=255 {
        let token = sign_text(&base64url(&[&bytes[..], &[more]].concat()));
        assert_eq!(verify(&token, &ring(), now()), Err(Reject::BadClaims), "{more}");
    }
    assert_eq!(sign_text(&base64url(&bytes)), seal(&claims()));
}

#[test]
fn a_uuid_actors_token_is_under_180_characters() {
    let tenant = "0192f3a4-5b6c-7d8e-9f01-23456789abcd";
    let key = kit::key(3, &tenant.parse().unwrap());
    let month = 30 * 24 * 60 * 60 * 1_000;
    let largest = Claims {
        tenant: tenant.parse().unwrap(),
        actor_type: "service-account".parse().unwrap(),
        actor_id: ACTOR.parse().unwrap(),
        authenticated_at: now().minus(month),
        generation: u32::MAX,
        assurance: 255,
        ..claims()
    };
    let token = key.access_sealer().seal(&largest).unwrap();
    assert!(token.len() < 180, "{} characters", token.len());
    let usual = seal(&claims());
    assert!(usual.len() < 145, "{} characters", usual.len());
}

#[test]
fn what_cannot_be_sealed_is_not() {
    let sealer = demo_key().access_sealer();
    assert_eq!(sealer.seal(&Claims { tenant: acme(), ..claims() }), Err(SealError::WrongTenant));

    let dead_before_born = Claims { expires_at: now().minus(1), ..claims() };
    let authenticated_later = Claims { authenticated_at: now().plus(1), ..claims() };
    for wrong in [dead_before_born, authenticated_later] {
        assert_eq!(sealer.seal(&wrong), Err(SealError::TimesOutOfOrder(TimesOutOfOrder)));
    }

    let long: Vec<_> = ('a'..='p').map(|letter| letter.to_string().repeat(32)).collect();
    let long: Vec<_> = long.iter().map(String::as_str).collect();
    let too_long = Claims {
        actor_type: "t".repeat(32).parse().unwrap(),
        actor_id: "x".repeat(128).parse().unwrap(),
        roles: roles(&long),
        ..claims()
    };
    assert_eq!(sealer.seal(&too_long), Err(SealError::TooLong));
    let fits = Claims { roles: roles(&long[..12]), ..too_long };
    assert!(verify(&sealer.seal(&fits).unwrap(), &ring(), now()).is_ok());
}

#[test]
fn a_dead_token_still_says_whose_it_was() {
    let token = seal(&claims());
    let expiry = claims().expires_at;
    let authentic = Sealed::parse(&token).unwrap().authenticate(TokenKind::Access, &ring(), &demo()).unwrap();
    assert_eq!(authentic.kid(), demo_key().id());
    assert!(authentic.clone().verify(expiry.minus(1)).is_ok());
    let not_now = authentic.verify(expiry).unwrap_err();
    assert_eq!(not_now.reject, Reject::Expired);
    assert_eq!(not_now.token.claims(), &claims());

    assert_eq!(verify(&token, &ring(), now().minus(5_001)), Err(Reject::IssuedInFuture));
    assert!(verify(&token, &ring(), now().minus(5_000)).is_ok());
    assert_eq!(verify(&token, &ring(), UnixMillis::MAX), Err(Reject::Expired));
}

#[test]
fn only_an_answer_about_this_session_admits() {
    let verified = || verify(&seal(&claims()), &ring(), now()).unwrap();
    let admitted = verified().admit(RevocationAnswer::Live { session: session(7), age_ms: 42 }).unwrap();
    assert_eq!((admitted.age_ms(), admitted.claims()), (Some(42), &claims()));
    assert_eq!(verified().admit(live(session(8))), Err(Reject::Revoked));
    assert_eq!(verified().admit(RevocationAnswer::Revoked), Err(Reject::Revoked));
}

#[test]
fn a_key_speaks_for_its_own_tenant_alone() {
    let foreign = acme_key().access_sealer().seal(&Claims { tenant: acme(), ..claims() }).unwrap();
    assert_eq!(verify(&foreign, &ring(), now()), Err(Reject::WrongTenant));
    let at_home = Sealed::parse(&foreign).unwrap().authenticate(TokenKind::Access, &ring(), &acme());
    assert_eq!(at_home.unwrap().claims().tenant, acme());
}

#[test]
fn the_ring_bounds_the_lifetime() {
    let sealed = |lifetime| seal(&Claims { expires_at: now().plus(lifetime), ..claims() });
    assert!(verify(&sealed(MAX_LIFETIME_MS), &ring(), now()).is_ok());
    assert_eq!(verify(&sealed(MAX_LIFETIME_MS + 1), &ring(), now()), Err(Reject::LifetimeTooLong));
}
