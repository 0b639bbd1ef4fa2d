use std::collections::HashSet;

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Value, json};

use super::*;
use crate::request::Incoming;
use crate::sample::{HEAD, NOW, OTHER_SESSION, SESSION, absorb, at, claims, cookie, head, keyring};
use crate::settings::Settings;
use crate::settings::tests::{JSON, secret};
use crate::verdict::Verdict;

const SECRET: [u8; 32] = [0xA5; 32];

/// A door in front of an application that checks assertions.
fn door() -> crate::door::Door {
    let secrets = json!({ "demo": Secret32::new(SECRET).expose_base64url() }).to_string();
    let json = JSON.replacen("\"assertion\": false,", "\"audience\": \"https://app.example\",", 1);
    let mut door = crate::door::Door::new(Settings::parse(&json, &secret(), &secrets).unwrap());
    absorb(&mut door, &crate::errand::Errand::Keyring, 200, &keyring(1), NOW);
    read_head(&mut door, 0);
    door
}

fn read_head(door: &mut crate::door::Door, asked_at: u64) {
    door.feed.heed_clock(NOW.plus(asked_at));
    absorb(door, &HEAD, 200, &head(at(0), 0, &[]), NOW.plus(asked_at));
}

/// The assertion that goes with a request of these claims.
fn assertion(door: &mut crate::door::Door, claims: &Claims, milliseconds: u64) -> Option<String> {
    assertion_for(door, "https://app.example/", claims, milliseconds)
}

fn assertion_for(door: &mut crate::door::Door, url: &str, claims: &Claims, milliseconds: u64) -> Option<String> {
    read_head(door, milliseconds);
    let cookie = cookie(claims);
    match door.decide(&Incoming { url, method: "GET", cookie: &cookie, headers: "", now: NOW.plus(milliseconds) }, None)
    {
        Verdict::Forward(forward, _) => forward.header(HEADER).map(str::to_owned),
        other => panic!("{other:?}"),
    }
}

/// Checks it as an application does, at a moment of its own.
fn check(jwt: &str) -> Result<Value, jsonwebtoken::errors::Error> {
    check_under(&SECRET, jwt, "https://app.example")
}

fn check_under(secret: &[u8], jwt: &str, audience: &str) -> Result<Value, jsonwebtoken::errors::Error> {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_audience(&[audience]);
    validation.set_issuer(&["sealgate"]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // The library reads the clock of this machine, which is another than the sample's.
    validation.validate_exp = false;
    Ok(decode::<Value>(jwt, &DecodingKey::from_secret(secret), &validation)?.claims)
}

#[test]
fn any_library_reads_who_it_is() {
    let jwt = assertion(&mut door(), &claims(SESSION), 0).unwrap();
    let header = decode_header(&jwt).unwrap();
    assert_eq!((header.alg, header.typ.as_deref(), header.kid), (Algorithm::HS256, Some("JWT"), None));
    let expected = json!({
        "iss": "sealgate",
        "aud": "https://app.example",
        "sub": "ada",
        "sid": SESSION.to_string(),
        "iat": NOW.as_secs(),
        "exp": NOW.as_secs() + 60,
        "auth_time": NOW.as_secs(),
        "tenant": "demo",
        "actor_type": "user",
        "assurance": 1,
        "roles": ["admin"],
    });
    assert_eq!(check(&jwt).unwrap(), expected);
}

#[test]
fn another_secret_another_audience_and_an_altered_one_are_refused() {
    let jwt = assertion(&mut door(), &claims(SESSION), 0).unwrap();
    assert!(check_under(&[0xA6; 32], &jwt, "https://app.example").is_err());
    assert!(check_under(&SECRET, &jwt, "https://other.example").is_err());
    for place in 0..jwt.len() {
        let mut bent = jwt.clone().into_bytes();
        bent[place] = if bent[place] == b'A' { b'B' } else { b'A' };
        assert!(check(core::str::from_utf8(&bent).unwrap()).is_err(), "{place}");
    }
}

#[test]
fn it_is_not_good_for_longer_than_the_token() {
    let mut door = door();
    let exp = |jwt: &str| check(jwt).unwrap()["exp"].as_u64().unwrap();
    for (milliseconds, lifetime) in [(839_999, 60), (841_000, 59), (899_000, 1)] {
        let now = NOW.plus(milliseconds).as_secs();
        let jwt = assertion(&mut door, &claims(SESSION), milliseconds).unwrap();
        assert_eq!(exp(&jwt) - now, lifetime);
        door.assertions = Assertions::new();
    }
}

#[test]
fn the_same_is_sent_for_half_a_minute() {
    let mut door = door();
    let mut at = |milliseconds| assertion(&mut door, &claims(SESSION), milliseconds).unwrap();
    let first = at(5_000);
    assert_eq!(at(5_001), first);
    assert_eq!(at(34_999), first);
    let second = at(35_000);
    assert_ne!(second, first);
    assert_eq!(check(&second).unwrap()["iat"], NOW.as_secs() + 35);
    assert_eq!(at(35_001), second);
}

#[test]
fn after_the_clock_was_set_back_another_is_made() {
    let mut door = door();
    let first = assertion(&mut door, &claims(SESSION), 60_000).unwrap();
    let second = assertion(&mut door, &claims(SESSION), 58_000).unwrap();
    assert_eq!(check(&first).unwrap()["iat"], NOW.as_secs() + 60);
    assert_eq!(check(&second).unwrap()["iat"], NOW.as_secs() + 58);
}

#[test]
fn whoever_is_somebody_else_by_now_gets_another() {
    let mut door = door();
    let before = claims(SESSION);
    let mut refreshed = before.clone();
    refreshed.generation = 1;
    let mut promoted = before.clone();
    promoted.roles = sealgate_shared::id::Roles::new(vec!["owner".parse().unwrap()]).unwrap();
    let mut sure = before.clone();
    sure.assurance = 2;
    for changed in [refreshed, promoted, sure] {
        let first = assertion(&mut door, &before, 0).unwrap();
        let second = assertion(&mut door, &changed, 1).unwrap();
        let says = check(&second).unwrap();
        assert_eq!(says["roles"], json!(changed.roles.iter().map(ToString::to_string).collect::<Vec<_>>()));
        assert_eq!(says["assurance"], changed.assurance);
        assert_eq!(assertion(&mut door, &changed, 2).unwrap(), second);
        assert_eq!(assertion(&mut door, &before, 3).unwrap(), first, "made anew, in the same second");
    }
}

#[test]
fn no_session_is_sent_anothers() {
    let mut door = door();
    let made: HashSet<_> = (0..50_u8)
        .map(|number| {
            let session = SessionId::new([number; 16]);
            let jwt = assertion(&mut door, &claims(session), 0).unwrap();
            assert_eq!(check(&jwt).unwrap()["sid"], session.to_string());
            jwt
        })
        .collect();
    assert_eq!(made.len(), 50);
    let mut bob = claims(OTHER_SESSION);
    bob.actor_id = "bob".parse().unwrap();
    assert_eq!(check(&assertion(&mut door, &bob, 0).unwrap()).unwrap()["sub"], "bob");
}

#[test]
fn it_goes_with_sessions_alone() {
    let mut door = door();
    for path in ["public", "auth/session"] {
        assert_eq!(assertion_for(&mut door, &format!("https://app.example/{path}"), &claims(SESSION), 0), None);
    }
    // This tenant's application has no secret.
    let mut other = claims(SESSION);
    other.tenant = "other".parse().unwrap();
    assert_eq!(assertion_for(&mut door, "https://other.example/", &other, 0), None);
    assert!(assertion_for(&mut door, "https://app.example/none", &claims(SESSION), 0).is_some());
}

#[test]
fn the_secret_is_never_shown() {
    let shown = format!("{:?}", Asserter::new(&Secret32::new(SECRET), "https://app.example"));
    assert_eq!(shown, r#"Asserter { audience: "https://app.example", .. }"#);
}
