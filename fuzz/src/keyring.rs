//! Keyring documents: as they arrive, and with a seal that holds around any content.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use hkdf::Hkdf;
use sealgate_shared::edge::EdgeSecret;
use sealgate_shared::id::EdgeId;
use sealgate_shared::keyring::{KeyringDocument, OpenError};
use sealgate_shared::secret::Secret32;
use sha2::Sha256;

use crate::reference;

const SECRET: [u8; 32] = [0x5A; 32];
const NONCE: [u8; 12] = [9; 12];
const EDGE: &str = "edge-1";

static CIPHER: LazyLock<Aes256Gcm> = LazyLock::new(|| {
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(Some(b"sealgate/v1/edge"), &SECRET).expand(b"seal", &mut key).unwrap();
    Aes256Gcm::new(&key.into())
});

/// `e` and an envelope, or any other byte and the content of one.
pub fn check(data: &[u8]) {
    match data.split_first() {
        Some((b'e', envelope)) => check_envelope(envelope),
        Some((_, content)) => check_content(content),
        None => {}
    }
}

/// Nobody makes one without the secret.
fn check_envelope(envelope: &[u8]) {
    if let Ok(document) = open(envelope) {
        let nonce = envelope[1..13].try_into().unwrap();
        assert_eq!(document.seal(&edge(), &secret(), nonce), envelope);
    }
}

/// The crate reads what the reference reads, and seals what was read to the very same bytes again.
fn check_content(content: &[u8]) {
    let sealed = seal(content);
    let (read, expected) = (open(&sealed), reference::decode_keyring(content));
    match (read, expected) {
        (Err(OpenError::Content), None) => {}
        (Ok(document), Some(expected)) => {
            assert_eq!(document, expected);
            assert_eq!(document.seal(&edge(), &secret(), NONCE), sealed);
            check_ring(&document);
        }
        (read, expected) => panic!("{content:?}: {read:?}, but the reference says {expected:?}"),
    }
    let mut bent = sealed;
    let position = content.len() % bent.len();
    bent[position] ^= 1 << (content.len() % 8);
    assert!(matches!(open(&bent), Err(OpenError::Envelope(_))), "byte {position} bent");
}

/// Every key can be found by its id, unless two have the same one.
fn check_ring(document: &KeyringDocument) {
    let ids: BTreeSet<_> = document.keys.iter().map(|key| key.id).collect();
    match document.to_ring() {
        Ok(ring) => {
            assert_eq!(ids.len(), document.keys.len());
            assert!(ring.key_ids().into_iter().eq(ids));
            assert!(document.keys.iter().all(|key| ring.find(key.id).is_some()));
            assert_eq!((ring.version(), ring.max_lifetime_ms()), (document.version, document.max_lifetime_ms));
        }
        Err(error) => assert!(ids.len() < document.keys.len(), "{error}"),
    }
}

fn seal(content: &[u8]) -> Vec<u8> {
    let aad = [b"sealgate/v1/keyring\0", EDGE.as_bytes()].concat();
    let sealed = CIPHER.encrypt(&NONCE.into(), Payload { msg: content, aad: &aad }).unwrap();
    [&[1][..], &NONCE, &sealed].concat()
}

fn open(sealed: &[u8]) -> Result<KeyringDocument, OpenError> {
    KeyringDocument::open(sealed, &edge(), &secret())
}

fn edge() -> EdgeId {
    EDGE.parse().unwrap()
}

fn secret() -> EdgeSecret {
    EdgeSecret::new(Secret32::new(SECRET))
}
