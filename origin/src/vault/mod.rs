//! Secrets at rest: 32 bytes sealed with AES-256-GCM under the key-encryption key (KEK).
//!
//! A blob says which KEK sealed it and is bound to the place it is stored in, so that one copied to
//! another row, column or tenant does not open.

mod kek;
mod place;

use aes_gcm::aead::{Aead, Payload};
use sealgate_shared::secret::Secret32;
use zeroize::Zeroizing;

pub use kek::{Kek, KekId};
pub use place::Place;

use crate::random::{self, NoRandomness};

/// The version byte of every blob.
const VERSION: u8 = 1;
const NONCE_AT: usize = 1 + KekId::LENGTH;
const SEALED_AT: usize = NONCE_AT + 12;

/// The length of every blob: version, KEK id, nonce, 32 sealed bytes, tag. The database checks it too.
pub const BLOB_LENGTH: usize = SEALED_AT + 32 + 16;

/// Why a secret could not be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// No nonce to be had.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// The cipher refused to seal.
    #[error("the cipher refused to seal")]
    Seal,
    /// Not the length or the version of a blob.
    #[error("{0} is not a sealed secret of a known version")]
    Form(String),
    /// Sealed under a KEK we do not hold.
    #[error("{place} was sealed under the key-encryption key {sealed_under}, and the one given is {ours}")]
    OtherKek { place: String, sealed_under: KekId, ours: KekId },
    /// Altered, or moved here from another place.
    #[error("{0} does not open: it was altered or moved")]
    Tampered(String),
}

/// Seals and opens secrets.
#[derive(Debug)]
pub struct Vault {
    kek: Kek,
}

impl Vault {
    /// A vault under `kek`.
    pub const fn new(kek: Kek) -> Self {
        Self { kek }
    }

    /// The id of the KEK this vault seals under.
    pub const fn kek_id(&self) -> KekId {
        self.kek.id()
    }

    /// Seals a secret to its place.
    pub fn seal(&self, place: &Place<'_>, secret: &Secret32) -> Result<Vec<u8>, VaultError> {
        let nonce: [u8; 12] = random::draw()?;
        let payload = Payload { msg: secret.expose(), aad: &place.bind() };
        let sealed = self.kek.cipher().encrypt(&nonce.into(), payload).map_err(|_| VaultError::Seal)?;
        let mut blob = Vec::with_capacity(BLOB_LENGTH);
        blob.push(VERSION);
        blob.extend_from_slice(self.kek.id().as_bytes());
        blob.extend_from_slice(&nonce);
        blob.extend_from_slice(&sealed);
        Ok(blob)
    }

    /// Opens a secret sealed to this very place.
    pub fn open(&self, place: &Place<'_>, blob: &[u8]) -> Result<Secret32, VaultError> {
        let form = || VaultError::Form(place.to_string());
        let blob: &[u8; BLOB_LENGTH] = blob.try_into().map_err(|_| form())?;
        if blob[0] != VERSION {
            return Err(form());
        }
        let sealed_under = KekId::new(blob[1..NONCE_AT].try_into().map_err(|_| form())?);
        if sealed_under != self.kek.id() {
            return Err(VaultError::OtherKek { place: place.to_string(), sealed_under, ours: self.kek.id() });
        }
        let nonce: [u8; 12] = blob[NONCE_AT..SEALED_AT].try_into().map_err(|_| form())?;
        let payload = Payload { msg: &blob[SEALED_AT..], aad: &place.bind() };
        let opened = self.kek.cipher().decrypt(&nonce.into(), payload);
        let opened = Zeroizing::new(opened.map_err(|_| VaultError::Tampered(place.to_string()))?);
        <[u8; 32]>::try_from(opened.as_slice()).map(Secret32::new).map_err(|_| form())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place<'_> = Place { table: "signing_keys", column: "sealed", row: "sk-1", tenant: Some("demo") };

    fn vault() -> Vault {
        Vault::new(Kek::new(&Secret32::new([7; 32])))
    }

    #[test]
    fn opens_what_it_sealed_and_never_seals_the_same_twice() {
        let secret = Secret32::new([42; 32]);
        let (one, two) = (vault().seal(&PLACE, &secret).unwrap(), vault().seal(&PLACE, &secret).unwrap());
        assert_eq!(one.len(), BLOB_LENGTH);
        assert_ne!(one, two);
        assert_eq!(vault().open(&PLACE, &one).unwrap(), secret);
        assert!(!one.windows(4).any(|four| four == [42; 4]));
    }

    #[test]
    fn a_moved_blob_does_not_open() {
        let blob = vault().seal(&PLACE, &Secret32::new([42; 32])).unwrap();
        for elsewhere in [
            Place { table: "edges", ..PLACE },
            Place { column: "sealed_secret", ..PLACE },
            Place { row: "sk-2", ..PLACE },
            Place { tenant: Some("other"), ..PLACE },
            Place { tenant: None, ..PLACE },
            // The same letters with the border between them moved.
            Place { table: "signing_key", column: "ssealed", ..PLACE },
        ] {
            assert!(matches!(vault().open(&elsewhere, &blob), Err(VaultError::Tampered(_))), "{elsewhere}");
        }
    }

    #[test]
    fn any_flipped_bit_any_other_length_and_any_other_kek_is_refused() {
        let blob = vault().seal(&PLACE, &Secret32::new([42; 32])).unwrap();
        for bit in 0..BLOB_LENGTH * 8 {
            let mut bent = blob.clone();
            bent[bit / 8] ^= 1 << (bit % 8);
            assert!(vault().open(&PLACE, &bent).is_err(), "bit {bit}");
        }
        for length in 0..BLOB_LENGTH {
            assert!(matches!(vault().open(&PLACE, &blob[..length]), Err(VaultError::Form(_))), "{length}");
        }
        let longer = [blob.as_slice(), &[0]].concat();
        assert!(matches!(vault().open(&PLACE, &longer), Err(VaultError::Form(_))));
        let other = Vault::new(Kek::new(&Secret32::new([8; 32])));
        assert!(matches!(other.open(&PLACE, &blob), Err(VaultError::OtherKek { .. })));
    }

    #[test]
    fn shows_nothing_of_the_kek() {
        let shown = format!("{:?}", vault());
        assert!(shown.contains("redacted") && !shown.contains("7, 7"), "{shown}");
    }
}
