//! The ring, and the sealed document in which it travels.

use super::kit::{
    self, acme, acme_key, claims, demo, demo_key, key, now, retired_key, revoked_key, ring, session, verify,
};
use proptest::collection::vec;
use proptest::prelude::*;
use sealgate_shared::edge::{EdgeSecret, OpenEnvelopeError};
use sealgate_shared::id::{EdgeId, KeyId};
use sealgate_shared::key::{Purpose, SigningKey};
use sealgate_shared::keyring::{DuplicateKey, KeyMaterial, Keyring, KeyringDocument, OpenError, PublishedKey};
use sealgate_shared::reject::Reject;
use sealgate_shared::secret::Secret32;
use sealgate_shared::token::{Sealed, TokenKind};

fn edge() -> EdgeId {
    "edge-1".parse().unwrap()
}

fn secret() -> EdgeSecret {
    EdgeSecret::new(Secret32::new([0x5A; 32]))
}

fn document() -> KeyringDocument {
    KeyringDocument { version: 300, max_lifetime_ms: kit::MAX_LIFETIME_MS, keys: kit::published() }
}

fn sealed() -> Vec<u8> {
    document().seal(&edge(), &secret(), [9; 12])
}

fn open(sealed: &[u8]) -> Result<KeyringDocument, OpenError> {
    KeyringDocument::open(sealed, &edge(), &secret())
}

const REFUSED: Result<KeyringDocument, OpenError> = Err(OpenError::Envelope(OpenEnvelopeError));

#[test]
fn the_edge_it_was_sealed_to_opens_it() {
    let opened = open(&sealed()).unwrap();
    assert_eq!(opened, document());
    let ring = opened.to_ring().unwrap();
    assert_eq!((ring.version(), ring.max_lifetime_ms()), (300, kit::MAX_LIFETIME_MS));
    assert_eq!(ring.key_ids(), vec![demo_key().id(), acme_key().id(), retired_key().id(), revoked_key().id()]);
    assert!(verify(&kit::seal(&claims()), &ring, now()).is_ok());
}

#[test]
fn no_other_edge_does() {
    let other_name = "edge-2".parse().unwrap();
    assert_eq!(KeyringDocument::open(&sealed(), &other_name, &secret()), REFUSED);
    let other_secret = EdgeSecret::new(Secret32::new([0x5B; 32]));
    assert_eq!(KeyringDocument::open(&sealed(), &edge(), &other_secret), REFUSED);
}

#[test]
fn one_bit_is_enough() {
    let sealed = sealed();
    for position in 0..sealed.len() {
        for bit in 0..8 {
            let mut bent = sealed.clone();
            bent[position] ^= 1 << bit;
            assert_eq!(open(&bent), REFUSED, "bit {bit} of byte {position}");
        }
    }
}

#[test]
fn so_is_one_byte_more_or_less() {
    let sealed = sealed();
    for length in 0..sealed.len() {
        assert_eq!(open(&sealed[..length]), REFUSED, "{length} bytes");
    }
    assert_eq!(open(&[&sealed[..], &[0]].concat()), REFUSED);
    assert_eq!(open(&[&[0], &sealed[..]].concat()), REFUSED);
}

#[test]
fn it_shows_no_key_on_the_way() {
    let (sealed, document) = (sealed(), document());
    let secrets: Vec<_> = document.keys.iter().flat_map(subkeys).collect();
    assert_eq!(secrets.len(), 10);
    for secret in secrets {
        assert!(!sealed.windows(8).any(|bytes| bytes == &secret.expose()[..8]));
    }
    let other_nonce = document.seal(&edge(), &secret(), [10; 12]);
    assert_ne!(sealed[13..], other_nonce[13..]);
}

fn subkeys(key: &PublishedKey) -> Vec<&Secret32> {
    match &key.material {
        KeyMaterial::Verifying(tokens, sessions) => {
            vec![&tokens.access, &tokens.bearer, &sessions.csrf, &sessions.refresh_filter]
        }
        KeyMaterial::Retired(sessions) => vec![&sessions.csrf, &sessions.refresh_filter],
        KeyMaterial::Revoked => vec![],
    }
}

#[test]
fn a_key_is_published_with_what_its_state_needs_and_no_more() {
    let key = demo_key();
    let derive = |purposes: &[Purpose]| purposes.iter().map(|&purpose| key.derive(purpose)).collect::<Vec<_>>();
    let expect = |published: &PublishedKey, purposes: &[Purpose]| {
        assert_eq!((published.id, &published.tenant), (key.id(), key.tenant()));
        assert!(subkeys(published).into_iter().eq(&derive(purposes)), "{published:?}");
    };
    expect(&key.publish(), &[Purpose::Access, Purpose::Bearer, Purpose::Csrf, Purpose::RefreshFilter]);
    expect(&key.publish_retired(), &[Purpose::Csrf, Purpose::RefreshFilter]);
    expect(&PublishedKey::revoked(key.id(), demo()), &[]);
}

#[test]
fn a_key_without_macs_says_why_whatever_the_token_says() {
    for (key, reject) in [(retired_key(), Reject::Expired), (revoked_key(), Reject::Revoked)] {
        let good = kit::seal_under(&key, &claims());
        let unsigned = format!("{}{}", &good[..good.len() - 43], "A".repeat(43));
        let over_junk = format!("{}!!!.{}", &good[..15], "A".repeat(43));
        for token in [good, unsigned, over_junk] {
            let sealed = Sealed::parse(&token).unwrap();
            for kind in [TokenKind::Access, TokenKind::Bearer] {
                for tenant in [demo(), acme()] {
                    assert_eq!(sealed.authenticate(kind, &ring(), &tenant).unwrap_err(), reject, "{token}");
                }
            }
        }
    }
}

#[test]
fn a_key_can_be_checked_before_any_mac() {
    let check = |key: SigningKey| ring().check_key(key.id());
    assert_eq!(check(demo_key()), Ok(()));
    assert_eq!(check(acme_key()), Ok(()));
    assert_eq!(check(retired_key()), Err(Reject::Expired));
    assert_eq!(check(revoked_key()), Err(Reject::Revoked));
    assert_eq!(check(key(5, &demo())), Err(Reject::UnknownKid));
}

#[test]
fn sessions_of_a_retired_key_keep_their_csrf_token_and_those_of_a_revoked_one_have_none() {
    let csrf = |ring: &Keyring, key: &SigningKey| Some(ring.find(key.id())?.csrf_token(session(7))?.expose());
    let while_verifying = Keyring::new(1, 1, &[retired_key().publish()]).unwrap();
    assert!(csrf(&ring(), &retired_key()).is_some());
    assert_eq!(csrf(&ring(), &retired_key()), csrf(&while_verifying, &retired_key()));
    assert_eq!(csrf(&ring(), &revoked_key()), None);
}

#[test]
fn one_id_in_two_states_makes_no_ring() {
    let (key, id) = (demo_key(), demo_key().id());
    let states = [key.publish(), key.publish_retired(), PublishedKey::revoked(id, demo())];
    for one in &states {
        for other in &states {
            assert_eq!(Keyring::new(1, 1, &[one.clone(), other.clone()]).unwrap_err(), DuplicateKey(id));
        }
    }
}

#[test]
fn two_keys_of_one_id_make_no_ring() {
    let twin = SigningKey::new(demo_key().id(), acme_key().tenant().clone(), Secret32::new([2; 32]));
    let keys = vec![demo_key().publish(), twin.publish()];
    let duplicate = DuplicateKey(demo_key().id());
    assert_eq!(Keyring::new(1, 1, &keys).unwrap_err(), duplicate);
    let document = KeyringDocument { keys, ..document() };
    assert_eq!(document.to_ring().unwrap_err(), OpenError::DuplicateKey(duplicate));
}

#[test]
fn one_key_signs_and_several_verify() {
    let (old, new, unpublished) = (key(4, &demo()), key(5, &demo()), key(6, &demo()));
    let ring = Keyring::new(2, kit::MAX_LIFETIME_MS, &[new.publish(), old.publish()]).unwrap();
    for key in [&old, &new] {
        let token = key.access_sealer().seal(&claims()).unwrap();
        assert_eq!(verify(&token, &ring, now()).unwrap().kid(), key.id());
    }
    let token = unpublished.access_sealer().seal(&claims()).unwrap();
    assert_eq!(verify(&token, &ring, now()), Err(Reject::UnknownKid));
}

proptest! {
    #[test]
    fn any_document_goes_there_and_back(
        version in any::<u64>(),
        max_lifetime_ms in any::<u64>(),
        keys in vec((any::<[u8; 8]>(), "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", any::<[u8; 32]>(), 0..3), 0..20),
        nonce in any::<[u8; 12]>(),
    ) {
        let publish = |(id, tenant, secret, state): &([u8; 8], String, [u8; 32], i32)| {
            let key = SigningKey::new(KeyId::new(*id), tenant.parse().unwrap(), Secret32::new(*secret));
            match state {
                0 => key.publish(),
                1 => key.publish_retired(),
                _ => PublishedKey::revoked(key.id(), key.tenant().clone()),
            }
        };
        let document = KeyringDocument { version, max_lifetime_ms, keys: keys.iter().map(publish).collect() };
        prop_assert_eq!(open(&document.seal(&edge(), &secret(), nonce)), Ok(document));
    }
}
