//! Envelopes that open, around any content, made without the crate under test.

use std::sync::LazyLock;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use hkdf::Hkdf;
use sealgate_shared::edge::EdgeSecret;
use sealgate_shared::id::EdgeId;
use sealgate_shared::secret::Secret32;
use sha2::Sha256;

const SECRET: [u8; 32] = [0x5A; 32];
const EDGE: &str = "edge-1";

pub(crate) const NONCE: [u8; 12] = [9; 12];

static CIPHER: LazyLock<Aes256Gcm> = LazyLock::new(|| {
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(Some(b"sealgate/v1/edge"), &SECRET).expand(b"seal", &mut key).unwrap();
    Aes256Gcm::new(&key.into())
});

pub(crate) fn seal(purpose: &str, content: &[u8]) -> Vec<u8> {
    let aad = format!("sealgate/v1/{purpose}\0{EDGE}");
    let sealed = CIPHER.encrypt(&NONCE.into(), Payload { msg: content, aad: aad.as_bytes() }).unwrap();
    [&[1][..], &NONCE, &sealed].concat()
}

/// The envelope with one bit bent, which the content says.
pub(crate) fn bent(mut envelope: Vec<u8>, content: &[u8]) -> Vec<u8> {
    let position = content.len() % envelope.len();
    envelope[position] ^= 1 << (content.len() % 8);
    envelope
}

pub(crate) fn edge() -> EdgeId {
    EDGE.parse().unwrap()
}

pub(crate) fn secret() -> EdgeSecret {
    EdgeSecret::new(Secret32::new(SECRET))
}
