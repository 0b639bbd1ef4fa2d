//! An edge's secret: how it proves to the origin who it is, and how the origin's documents reach it alone.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use zeroize::Zeroizing;

use crate::base64url;
use crate::id::EdgeId;
use crate::key::derive;
use crate::secret::Secret32;

/// The salt of every derivation from an edge's secret.
const SALT: &[u8] = b"sealgate/v1/edge";

/// The first byte of every envelope.
const ENVELOPE_VERSION: u8 = 1;

/// The secret an edge shares with the origin. It never travels: one key derived from it proves the edge's
/// identity, another opens what the origin seals to it.
#[derive(Clone, PartialEq, Eq)]
pub struct EdgeSecret(Secret32);

/// Why an envelope did not open: bent, truncated, of another edge, or of another kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the document was not sealed to this edge, or was altered")]
pub struct OpenEnvelopeError;

impl EdgeSecret {
    /// Takes 32 random bytes.
    pub const fn new(secret: Secret32) -> Self {
        Self(secret)
    }

    /// The key that is sent to the origin as proof of identity: HKDF-SHA256 (RFC 5869), info `auth`.
    pub fn auth(&self) -> Secret32 {
        derive(SALT, &self.0, &[b"auth"])
    }

    /// The credential an edge sends: `<edge id>.<auth>` (base64url).
    pub fn credential(&self, edge: &EdgeId) -> String {
        alloc::format!("{edge}.{}", self.auth().expose_base64url())
    }

    /// Names the secret without telling anything of it, for the addresses of documents: what was sealed to one secret
    /// of an edge must not be taken from a cache by who holds another. HKDF-SHA256, info `seal-id`, 8 bytes, base64url.
    pub fn seal_id(&self) -> String {
        let derived = derive(SALT, &self.0, &[b"seal-id"]);
        derived.expose().first_chunk::<8>().map(|id| base64url::encode(id)).unwrap_or_default()
    }

    /// Seals a document to this edge with AES-256-GCM (NIST SP 800-38D): `0x01 <nonce, 12 bytes>
    /// <ciphertext> <tag, 16 bytes>`, with `<purpose> 0x00 <edge id>` as associated data, under a key from
    /// HKDF-SHA256, info `seal`.
    pub(crate) fn seal_envelope(&self, purpose: &[u8], edge: &EdgeId, nonce: [u8; 12], document: &[u8]) -> Vec<u8> {
        let aad = associated_data(purpose, edge);
        // AES-GCM refuses messages above 64 GiB only; an empty envelope would open nowhere.
        let sealed = self.cipher().encrypt(&nonce.into(), Payload { msg: document, aad: &aad }).unwrap_or_default();
        [&[ENVELOPE_VERSION][..], &nonce, &sealed].concat()
    }

    /// Opens what [`EdgeSecret::seal_envelope`] made for the same purpose and edge.
    pub(crate) fn open_envelope(
        &self,
        purpose: &[u8],
        edge: &EdgeId,
        envelope: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, OpenEnvelopeError> {
        let (&version, rest) = envelope.split_first().ok_or(OpenEnvelopeError)?;
        let (nonce, sealed) = rest.split_first_chunk::<12>().ok_or(OpenEnvelopeError)?;
        if version != ENVELOPE_VERSION {
            return Err(OpenEnvelopeError);
        }
        let aad = associated_data(purpose, edge);
        let opened = self.cipher().decrypt(nonce.into(), Payload { msg: sealed, aad: &aad });
        opened.map(Zeroizing::new).map_err(|_| OpenEnvelopeError)
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(derive(SALT, &self.0, &[b"seal"]).expose().into())
    }
}

fn associated_data(purpose: &[u8], edge: &EdgeId) -> Vec<u8> {
    [purpose, &[0], edge.as_str().as_bytes()].concat()
}

/// Reads a credential as [`EdgeSecret::credential`] writes it: who it says it is, and the proof, which the
/// caller compares with the [`EdgeSecret::auth`] of that edge.
pub fn parse_credential(text: &str) -> Option<(EdgeId, Secret32)> {
    let (edge, auth) = text.split_once('.')?;
    Some((edge.parse().ok()?, Secret32::from_base64url(auth)?))
}

impl fmt::Debug for EdgeSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EdgeSecret(redacted)")
    }
}
