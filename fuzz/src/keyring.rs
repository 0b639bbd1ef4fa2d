//! Keyring documents: as they arrive, and with a seal that holds around any content.

use std::collections::BTreeSet;

use sealgate_shared::keyring::{KeyringDocument, OpenError};

use crate::envelope::{NONCE, bent, edge, seal, secret};
use crate::reference;

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
    let sealed = seal("keyring", content);
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
    let bent = bent(sealed, content);
    assert!(matches!(open(&bent), Err(OpenError::Envelope(_))), "bent, and open: {content:?}");
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

fn open(sealed: &[u8]) -> Result<KeyringDocument, OpenError> {
    KeyringDocument::open(sealed, &edge(), &secret())
}
