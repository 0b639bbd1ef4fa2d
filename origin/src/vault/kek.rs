//! A key-encryption key.

use std::fmt;

use aes_gcm::{Aes256Gcm, KeyInit as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use sealgate_shared::secret::Secret32;
use sha2::Sha256;

/// What the KEK's id is the MAC of: one that says nothing about the key to who reads it in a blob.
const ID_LABEL: &[u8] = b"sealgate/v1/kek-id";

/// Names a KEK without showing anything of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KekId([u8; Self::LENGTH]);

impl KekId {
    /// The length in bytes.
    pub const LENGTH: usize = 8;

    /// Takes the bytes as they stand in a blob; `None` for another number of them.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes, as they stand in a blob.
    pub const fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}

impl fmt::Display for KekId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "kek-{}", URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for KekId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A key-encryption key, ready for use.
#[derive(Clone)]
pub struct Kek {
    id: KekId,
    /// On the heap: the key schedule has 640 bytes, and the key moves about with the configuration.
    cipher: Box<Aes256Gcm>,
}

impl Kek {
    /// Prepares the key.
    #[expect(clippy::missing_panics_doc, reason = "HMAC takes keys of every length")]
    pub fn new(key: &Secret32) -> Self {
        let mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key.expose())
            .expect("HMAC takes keys of every length")
            .chain_update(ID_LABEL)
            .finalize()
            .into_bytes();
        let mut id = [0; KekId::LENGTH];
        id.copy_from_slice(&mac[..KekId::LENGTH]);
        Self { id: KekId(id), cipher: Box::new(Aes256Gcm::new(key.expose().into())) }
    }

    /// The key's id.
    pub const fn id(&self) -> KekId {
        self.id
    }

    pub(super) fn cipher(&self) -> &Aes256Gcm {
        &self.cipher
    }
}

impl fmt::Debug for Kek {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kek({}, redacted)", self.id)
    }
}
