//! Nothing that holds a secret prints it; tokens that are compared are compared as wholes.

use std::fmt::Debug;

use super::kit::{self, acme, claims, demo, demo_key, key, ring, session};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sealgate_shared::edge::{EdgeSecret, parse_credential};
use sealgate_shared::key::Purpose;
use sealgate_shared::keyring::KeyringDocument;
use sealgate_shared::secret::Secret32;

/// Every way in which a derived `Debug`, hex or base64 would show the first bytes of a secret.
fn traces(secret: &[u8]) -> Vec<String> {
    let start = &secret[..4];
    let decimal: Vec<_> = start.iter().map(u8::to_string).collect();
    let lower = hex::encode(start);
    vec![decimal.join(","), lower.to_uppercase(), lower, URL_SAFE_NO_PAD.encode(start)[..5].to_owned()]
}

/// The first such trace in what `value` prints.
fn leak(value: &dyn Debug, secrets: &[&[u8]]) -> Option<String> {
    let shown = format!("{value:?}{value:#?}");
    let compact: String = shown.chars().filter(|char| !char.is_whitespace()).collect();
    secrets.iter().flat_map(|secret| traces(secret)).find(|trace| compact.contains(trace))
}

#[test]
fn what_holds_a_secret_does_not_print_it() {
    // The id of the ordinary key repeats one byte, which its secret repeats too: that would look like a leak.
    let key = sealgate_shared::key::SigningKey::new(demo_key().id(), demo(), Secret32::new([0xC7; 32]));
    let subkeys = Purpose::ALL.map(|purpose| key.derive(purpose));
    let mut secrets: Vec<&[u8]> = subkeys.iter().map(|subkey| subkey.expose().as_slice()).collect();
    secrets.push(&[0xC7; 32]);

    let document = KeyringDocument { version: 1, max_lifetime_ms: 1, keys: vec![key.publish()] };
    let retired = KeyringDocument { version: 1, max_lifetime_ms: 1, keys: vec![key.publish_retired()] };
    let retired_ring = retired.to_ring().unwrap();
    let ring = document.to_ring().unwrap();
    let verifying = ring.find(key.id()).unwrap();
    let (secret, sealer, published) = (Secret32::new([0xC7; 32]), key.access_sealer(), key.publish());
    let holders: [&dyn Debug; 8] = [&secret, &key, &sealer, &published, &document, &ring, &verifying, &subkeys];
    for holder in holders.into_iter().chain([&retired as &dyn Debug, &retired_ring]) {
        assert_eq!(leak(holder, &secrets), None, "{holder:?}");
    }

    let csrf = verifying.csrf_token(session(7)).unwrap();
    assert_eq!(leak(&csrf, &[&URL_SAFE_NO_PAD.decode(csrf.expose()).unwrap()]), None);
    assert!(!format!("{csrf:?}").contains(&csrf.expose()));

    let edge = EdgeSecret::new(Secret32::new([0xC7; 32]));
    let credential = parse_credential(&edge.credential(&"edge-1".parse().unwrap())).unwrap();
    assert_eq!(leak(&edge, &[&[0xC7; 32], edge.auth().expose()]), None);
    assert_eq!(leak(&credential, &[edge.auth().expose()]), None);
}

#[test]
fn what_holds_a_secret_prints_what_it_is() {
    let key = demo_key();
    let csrf = ring().find(key.id()).unwrap().csrf_token(session(7)).unwrap();
    let edge = EdgeSecret::new(Secret32::new([0xC7; 32]));
    for (holder, shown) in [
        (&csrf as &dyn Debug, "CsrfToken(redacted)"),
        (&edge, "EdgeSecret(redacted)"),
        (&key, "SigningKey { id: sk-AQEBAQEBAQE, tenant: \"demo\", .. }"),
        (&key.access_sealer(), "Sealer { kid: sk-AQEBAQEBAQE, tenant: \"demo\", .. }"),
    ] {
        assert_eq!(format!("{holder:?}"), shown);
    }
}

#[test]
fn the_check_for_leaks_would_notice() {
    let bytes = [0xC7_u8; 32];
    let spellings: [&dyn Debug; 5] =
        [&bytes, &Some(bytes), &hex::encode(bytes), &hex::encode_upper(bytes), &URL_SAFE_NO_PAD.encode(bytes)];
    for spelling in spellings {
        assert!(leak(spelling, &[&bytes]).is_some(), "{spelling:?}");
    }
}

#[test]
fn subkeys_differ_by_purpose_tenant_and_key() {
    let keys = [key(1, &demo()), key(1, &acme()), key(2, &demo())];
    let subkeys: Vec<_> = keys.iter().flat_map(|key| Purpose::ALL.map(|purpose| key.derive(purpose))).collect();
    for (position, one) in subkeys.iter().enumerate() {
        assert!(subkeys[position + 1..].iter().all(|other| one != other));
    }
}

#[test]
fn an_edge_sends_neither_its_secret_nor_the_key_that_opens() {
    let secret = EdgeSecret::new(Secret32::new([0xC7; 32]));
    let credential = secret.credential(&"edge-1".parse().unwrap());
    assert!(!credential.contains(&URL_SAFE_NO_PAD.encode([0xC7; 32])));
    assert!(credential.starts_with("edge-1."));
    for wrong in ["", "edge-1", "edge-1.", &credential[1..], &credential[..20], &format!("{credential}="), "Edge.x"] {
        let accepted = parse_credential(wrong).is_some_and(|(edge, _)| edge.as_str() == "edge-1");
        assert!(!accepted, "{wrong}");
    }
}

#[test]
fn csrf_tokens_match_as_wholes() {
    let ring = ring();
    let key = ring.find(demo_key().id()).unwrap();
    let token = key.csrf_token(claims().session).unwrap();
    let text = token.expose();
    assert!(token.matches(&text));
    assert!(!token.matches(&key.csrf_token(session(8)).unwrap().expose()), "another session's");
    let other_key = ring.find(kit::acme_key().id()).unwrap();
    assert!(!token.matches(&other_key.csrf_token(claims().session).unwrap().expose()), "another key's");
    for position in 0..text.len() {
        let mut bent = text.clone().into_bytes();
        bent[position] = if bent[position] == b'A' { b'B' } else { b'A' };
        assert!(!token.matches(&String::from_utf8(bent).unwrap()), "{position}");
        assert!(!token.matches(&text[..position]), "cut to {position}");
    }
    assert!(!token.matches(&format!("{text}A")) && !token.matches(&format!("{text}=")) && !token.matches(""));
}
