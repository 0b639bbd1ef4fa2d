//! Secrets at rest, sealed with AES-256-GCM under the key-encryption key (KEK).
//!
//! A blob says which KEK sealed it and is bound to the place it is stored in, so that one copied to
//! another row, column or tenant does not open. Several KEKs may be held, so that one can follow another while origins
//! serve: one writes, all read.

mod kek;
mod keks;
mod place;

use aes_gcm::aead::{Aead, Payload};
use sealgate_shared::secret::Secret32;
use zeroize::Zeroizing;

pub use kek::{Kek, KekId};
pub use keks::{KEK_FORM, KekListError, Keks};
pub use place::Place;

use crate::random::{self, NoRandomness};

/// The version byte of every blob.
const VERSION: u8 = 1;
const NONCE_AT: usize = 1 + KekId::LENGTH;
const SEALED_AT: usize = NONCE_AT + 12;

const TAG_LENGTH: usize = 16;

/// The length of a sealed secret of 32 bytes: version, KEK id, nonce, sealed bytes, tag. The database checks it too.
pub const BLOB_LENGTH: usize = SEALED_AT + 32 + TAG_LENGTH;
/// The longest secret that is sealed.
pub const MAX_SECRET: usize = 4_096;

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
    #[error("{place} is sealed under the key-encryption key {sealed_under}, which is not given (given: {given})")]
    OtherKek { place: String, sealed_under: KekId, given: Box<str> },
    /// Some of what is in use was sealed under a KEK we do not hold.
    #[error(
        "{count} of the sealed secrets are under the key-encryption key {sealed_under}, which is not given \
        (given: {given})"
    )]
    MissingKek { count: u64, sealed_under: KekId, given: Box<str> },
    /// Altered, or moved here from another place.
    #[error("{0} does not open: it was altered or moved")]
    Tampered(String),
}

/// Seals and opens secrets.
#[derive(Debug)]
pub struct Vault {
    keks: Keks,
}

impl Vault {
    /// A vault that seals under the writing one of `keks` and opens what any of them sealed.
    pub const fn new(keks: Keks) -> Self {
        Self { keks }
    }

    /// The KEKs.
    pub const fn keks(&self) -> &Keks {
        &self.keks
    }

    /// Seals a secret of 32 bytes to its place.
    pub fn seal(&self, place: &Place<'_>, secret: &Secret32) -> Result<Vec<u8>, VaultError> {
        self.seal_bytes(place, secret.expose())
    }

    /// Seals a secret of at most [`MAX_SECRET`] bytes to its place. The blob tells its length.
    pub fn seal_bytes(&self, place: &Place<'_>, secret: &[u8]) -> Result<Vec<u8>, VaultError> {
        if secret.len() > MAX_SECRET {
            return Err(VaultError::Seal);
        }
        let kek = self.keks.writing();
        let nonce: [u8; 12] = random::draw()?;
        let payload = Payload { msg: secret, aad: &place.bind() };
        let sealed = kek.cipher().encrypt(&nonce.into(), payload).map_err(|_| VaultError::Seal)?;
        let mut blob = Vec::with_capacity(SEALED_AT + sealed.len());
        blob.push(VERSION);
        blob.extend_from_slice(kek.id().as_bytes());
        blob.extend_from_slice(&nonce);
        blob.extend_from_slice(&sealed);
        Ok(blob)
    }

    /// Opens a secret of 32 bytes sealed to this very place.
    pub fn open(&self, place: &Place<'_>, blob: &[u8]) -> Result<Secret32, VaultError> {
        let form = || VaultError::Form(place.to_string());
        if blob.len() != BLOB_LENGTH {
            return Err(form());
        }
        let opened = self.open_bytes(place, blob)?;
        <[u8; 32]>::try_from(opened.as_slice()).map(Secret32::new).map_err(|_| form())
    }

    /// Opens a secret sealed to this very place.
    #[expect(clippy::missing_panics_doc, reason = "a blob is as long as its nonce at least")]
    pub fn open_bytes(&self, place: &Place<'_>, blob: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let sealed_under = read_kek_id(blob).ok_or_else(|| VaultError::Form(place.to_string()))?;
        let kek = self.keks.find(sealed_under).ok_or_else(|| VaultError::OtherKek {
            place: place.to_string(),
            sealed_under,
            given: self.keks.to_string().into(),
        })?;
        // It is as long as a blob is at least.
        let nonce: [u8; 12] = blob[NONCE_AT..SEALED_AT].try_into().expect("a nonce has 12 bytes");
        let payload = Payload { msg: &blob[SEALED_AT..], aad: &place.bind() };
        let opened = kek.cipher().decrypt(&nonce.into(), payload);
        opened.map(Zeroizing::new).map_err(|_| VaultError::Tampered(place.to_string()))
    }
}

/// The KEK that a blob says it was sealed under; `None` when it is no blob of a known version.
pub fn read_kek_id(blob: &[u8]) -> Option<KekId> {
    if !(SEALED_AT + TAG_LENGTH..=SEALED_AT + TAG_LENGTH + MAX_SECRET).contains(&blob.len()) || blob[0] != VERSION {
        return None;
    }
    KekId::from_bytes(&blob[1..NONCE_AT])
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place<'_> = Place { table: "signing_keys", column: "sealed", row: "sk-1", tenant: Some("demo") };

    fn kek(byte: u8) -> Kek {
        Kek::new(&Secret32::new([byte; 32]))
    }

    fn vault() -> Vault {
        Vault::new(kek(7).into())
    }

    /// A vault under the keys of these bytes.
    fn vault_of(bytes: &[u8]) -> Vault {
        let keys: Vec<String> = bytes.iter().map(|byte| Secret32::new([*byte; 32]).expose_base64url()).collect();
        Vault::new(Keks::parse(&keys.join(",")).unwrap())
    }

    #[test]
    fn one_kek_writes_and_all_read() {
        let secret = Secret32::new([42; 32]);
        let old = vault_of(&[1]).seal(&PLACE, &secret).unwrap();
        for (writing, vault) in [(2, vault_of(&[2, 1])), (1, vault_of(&[1, 2])), (3, vault_of(&[3, 2, 1]))] {
            assert_eq!(vault.open(&PLACE, &old).unwrap(), secret);
            let new = vault.seal(&PLACE, &secret).unwrap();
            assert_eq!(read_kek_id(&new), Some(kek(writing).id()));
            assert_eq!(vault_of(&[writing]).open(&PLACE, &new).unwrap(), secret);
            // Reading more keys makes nothing open in another place.
            let elsewhere = Place { row: "sk-2", ..PLACE };
            assert!(matches!(vault.open(&elsewhere, &old), Err(VaultError::Tampered(_))));
        }
    }

    #[test]
    fn a_missing_kek_is_named_and_so_are_those_given() {
        let blob = vault_of(&[1]).seal(&PLACE, &Secret32::new([42; 32])).unwrap();
        let error = vault_of(&[2, 3]).open(&PLACE, &blob).unwrap_err();
        assert!(matches!(error, VaultError::OtherKek { .. }));
        let (one, two, three) = (kek(1).id(), kek(2).id(), kek(3).id());
        assert_eq!(
            error.to_string(),
            format!(
                "signing_keys.sealed of sk-1 (tenant demo) is sealed under the key-encryption key {one}, which is not \
                 given (given: {two}, {three})"
            )
        );
    }

    #[test]
    fn a_blob_relabelled_with_another_held_kek_does_not_open() {
        let vault = vault_of(&[2, 1]);
        let mut blob = vault.seal(&PLACE, &Secret32::new([42; 32])).unwrap();
        blob[1..NONCE_AT].copy_from_slice(kek(1).id().as_bytes());
        assert!(matches!(vault.open(&PLACE, &blob), Err(VaultError::Tampered(_))));
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
    fn secrets_have_any_length_up_to_the_longest() {
        for length in [0, 1, 31, 32, 33, MAX_SECRET] {
            let secret = vec![42; length];
            let blob = vault().seal_bytes(&PLACE, &secret).unwrap();
            assert_eq!(*vault().open_bytes(&PLACE, &blob).unwrap(), secret);
            assert_eq!(read_kek_id(&blob), Some(kek(7).id()));
            // One of another length passes for none of 32 bytes.
            assert_eq!(vault().open(&PLACE, &blob).is_ok(), length == 32, "{length}");
        }
        assert!(matches!(vault().seal_bytes(&PLACE, &vec![42; MAX_SECRET + 1]), Err(VaultError::Seal)));
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
        assert!(matches!(vault_of(&[8]).open(&PLACE, &blob), Err(VaultError::OtherKek { .. })));
    }

    #[test]
    fn shows_nothing_of_the_kek() {
        let shown = format!("{:?}", vault());
        assert!(shown.contains("redacted") && !shown.contains("7, 7"), "{shown}");
    }
}
