//! The ring, and the sealed document in which it travels.

use super::kit::{self, acme_key, claims, demo, demo_key, key, now, verify};
use proptest::collection::vec;
use proptest::prelude::*;
use sealgate_shared::edge::{EdgeSecret, OpenEnvelopeError};
use sealgate_shared::id::{EdgeId, KeyId};
use sealgate_shared::key::SigningKey;
use sealgate_shared::keyring::{DuplicateKey, Keyring, KeyringDocument, OpenError};
use sealgate_shared::reject::Reject;
use sealgate_shared::secret::Secret32;

fn edge() -> EdgeId {
    "edge-1".parse().unwrap()
}

fn secret() -> EdgeSecret {
    EdgeSecret::new(Secret32::new([0x5A; 32]))
}

fn document() -> KeyringDocument {
    let keys = vec![demo_key().publish(), acme_key().publish()];
    KeyringDocument { version: 300, max_lifetime_ms: kit::MAX_LIFETIME_MS, keys }
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
    assert_eq!(ring.key_ids(), vec![demo_key().id(), acme_key().id()]);
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
    for key in &document.keys {
        for secret in [&key.access, &key.bearer, &key.csrf, &key.refresh_filter] {
            assert!(!sealed.windows(8).any(|bytes| bytes == &secret.expose()[..8]));
        }
    }
    let other_nonce = document.seal(&edge(), &secret(), [10; 12]);
    assert_ne!(sealed[13..], other_nonce[13..]);
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
        keys in vec((any::<[u8; 8]>(), "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", any::<[u8; 32]>()), 0..20),
        nonce in any::<[u8; 12]>(),
    ) {
        let publish = |(id, tenant, secret): &([u8; 8], String, [u8; 32])| {
            SigningKey::new(KeyId::new(*id), tenant.parse().unwrap(), Secret32::new(*secret)).publish()
        };
        let document = KeyringDocument { version, max_lifetime_ms, keys: keys.iter().map(publish).collect() };
        prop_assert_eq!(open(&document.seal(&edge(), &secret(), nonce)), Ok(document));
    }
}
