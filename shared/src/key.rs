//! Signing keys and the subkeys derived from them.
//!
//! Nothing is ever signed with a signing key itself. HKDF-SHA256 (RFC 5869) derives one subkey for each
//! purpose and tenant, so that a token of one kind or tenant can never pass as another.

use core::fmt;

use hkdf::Hkdf;
use hmac::digest::Key;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::id::{KeyId, TenantId};
use crate::keyring::{KeyMaterial, PublishedKey, SessionSubkeys, TokenSubkeys};
use crate::refresh::RefreshSealer;
use crate::secret::Secret32;
use crate::token::Sealer;

type HmacSha256 = Hmac<Sha256>;

/// The salt of every derivation from a signing key: names the format, and so separates its versions.
const SALT: &[u8] = b"sealgate/v1/signing-key";

/// What a subkey is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Access tokens in cookies.
    Access,
    /// Access tokens in `Authorization: Bearer` (RFC 6750 §2.1).
    Bearer,
    /// CSRF tokens.
    Csrf,
    /// The outer MAC of refresh tokens, which lets an edge drop forged ones.
    RefreshFilter,
    /// The inner MAC of refresh tokens in cookies.
    Refresh,
    /// The inner MAC of refresh tokens in bodies.
    RefreshBearer,
    /// Sign-ins under way.
    PreLogin,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 7] = [
        Self::Access,
        Self::Bearer,
        Self::Csrf,
        Self::RefreshFilter,
        Self::Refresh,
        Self::RefreshBearer,
        Self::PreLogin,
    ];

    /// The name that goes into the derivation.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Bearer => "bearer",
            Self::Csrf => "csrf",
            Self::RefreshFilter => "refresh-filter",
            Self::Refresh => "refresh",
            Self::RefreshBearer => "refresh-bearer",
            Self::PreLogin => "pre-login",
        }
    }
}

/// A signing key: the origin's alone. What others may have of it is derived.
#[derive(Clone)]
pub struct SigningKey {
    id: KeyId,
    tenant: TenantId,
    secret: Secret32,
}

impl SigningKey {
    /// Puts a key together from its parts; the secret comes from a cryptographic random number generator.
    pub const fn new(id: KeyId, tenant: TenantId, secret: Secret32) -> Self {
        Self { id, tenant, secret }
    }

    /// The key's id.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The tenant whose key this is.
    pub const fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// Derives the subkey for one purpose: HKDF-SHA256 with this key as input keying material, the
    /// format's name as salt, and `<purpose> 0x00 <tenant>` as info (RFC 5869 §2).
    pub fn derive(&self, purpose: Purpose) -> Secret32 {
        derive(SALT, &self.secret, &[purpose.label().as_bytes(), &[0], self.tenant.as_str().as_bytes()])
    }

    /// The part of the key that edges may have while tokens of it may be alive: four of its subkeys.
    pub fn publish(&self) -> PublishedKey {
        let tokens = TokenSubkeys { access: self.derive(Purpose::Access), bearer: self.derive(Purpose::Bearer) };
        self.publish_with(KeyMaterial::Verifying(tokens, self.session_subkeys()))
    }

    /// The part of the key that edges may have once every access token it signed is dead, the longest-lived ones
    /// included: two of its subkeys. No edge can verify or forge a token with them.
    pub fn publish_retired(&self) -> PublishedKey {
        self.publish_with(KeyMaterial::Retired(self.session_subkeys()))
    }

    fn publish_with(&self, material: KeyMaterial) -> PublishedKey {
        PublishedKey { id: self.id, tenant: self.tenant.clone(), material }
    }

    fn session_subkeys(&self) -> SessionSubkeys {
        SessionSubkeys { csrf: self.derive(Purpose::Csrf), refresh_filter: self.derive(Purpose::RefreshFilter) }
    }

    /// Makes what signs access tokens for cookies under this key.
    pub fn access_sealer(&self) -> Sealer {
        Sealer::new(self.id, self.tenant.clone(), self.mac_key(Purpose::Access))
    }

    /// Makes what signs access tokens for `Authorization: Bearer` under this key.
    pub fn bearer_sealer(&self) -> Sealer {
        Sealer::new(self.id, self.tenant.clone(), self.mac_key(Purpose::Bearer))
    }

    /// Makes what signs refresh tokens under this key, and proves them.
    pub fn refresh_sealer(&self) -> RefreshSealer {
        let purposes = [Purpose::Refresh, Purpose::RefreshBearer, Purpose::RefreshFilter];
        RefreshSealer::new(self.id, self.tenant.clone(), purposes.map(|purpose| self.mac_key(purpose)))
    }

    fn mac_key(&self, purpose: Purpose) -> MacKey {
        MacKey::new(&self.derive(purpose))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("id", &self.id).field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

/// HKDF-SHA256, extract and expand (RFC 5869 §2.2, §2.3), to 32 bytes.
pub(crate) fn derive(salt: &[u8], secret: &Secret32, info: &[&[u8]]) -> Secret32 {
    let mut subkey = [0; 32];
    #[expect(clippy::expect_used, reason = "expansion fails above 255 hash lengths only, and this is one")]
    Hkdf::<Sha256>::new(Some(salt), secret.expose())
        .expand_multi_info(info, &mut subkey)
        .expect("32 bytes are one block of SHA-256");
    Secret32::new(subkey)
}

/// An HMAC-SHA256 key (RFC 2104) with its two key blocks already hashed: starting a MAC is a copy.
#[derive(Clone)]
pub(crate) struct MacKey(HmacSha256);

impl MacKey {
    pub(crate) fn new(subkey: &Secret32) -> Self {
        // RFC 2104 §2: a key shorter than the block is filled up with zeros. Doing it here leaves no
        // length that could be wrong.
        let mut block = Key::<HmacSha256>::default();
        block.iter_mut().zip(subkey.expose()).for_each(|(to, from)| *to = *from);
        let key = Self(HmacSha256::new(&block));
        zeroize::Zeroize::zeroize(block.as_mut_slice());
        key
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 32] {
        self.0.clone().chain_update(message).finalize().into_bytes().into()
    }

    /// Compares in constant time.
    pub(crate) fn verify(&self, message: &[u8], mac: &[u8; 32]) -> bool {
        self.0.clone().chain_update(message).verify(mac.into()).is_ok()
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKey(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::vec;
    use alloc::vec::Vec;

    use super::*;

    fn mac_key(key: &[u8]) -> MacKey {
        let mut filled = [0; 32];
        filled[..key.len()].copy_from_slice(key);
        MacKey::new(&Secret32::new(filled))
    }

    /// RFC 4231 §4.2 to §4.6. HMAC fills keys up with zeros, so those below 32 bytes can be tried. The last
    /// MAC is given truncated there.
    #[test]
    fn macs_are_those_of_rfc_4231() {
        let counting: Vec<u8> = (1..=25).collect();
        for (key, message, expected) in [
            (&[0x0B; 20][..], &b"Hi There"[..], "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (&[0xAA; 20], &[0xDD; 50], "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
            (&counting, &[0xCD; 50], "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
            (&[0x0C; 20], b"Test With Truncation", "a3b6167473100ee06e0c796c2955552b"),
        ] {
            let key = mac_key(key);
            let mac = key.sign(message);
            assert!(hex::encode(mac).starts_with(expected), "{expected}");
            assert!(key.verify(message, &mac));
        }
    }

    /// RFC 5869 appendices A.1 to A.3.
    #[test]
    fn derivation_is_that_of_rfc_5869() {
        let range = |from: u8, to: u8| (from..=to).collect::<Vec<_>>();
        for (salt, secret, info, expected) in [
            (
                range(0x00, 0x0C),
                vec![0x0B; 22],
                range(0xF0, 0xF9),
                "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
            ),
            (
                range(0x60, 0xAF),
                range(0x00, 0x4F),
                range(0xB0, 0xFF),
                "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09\
                 da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
            ),
            (
                vec![],
                vec![0x0B; 22],
                vec![],
                "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
            ),
        ] {
            let mut output = vec![0; expected.len() / 2];
            Hkdf::<Sha256>::new(Some(&salt), &secret).expand(&info, &mut output).unwrap();
            assert_eq!(hex::encode(output), expected);
        }
    }

    #[test]
    fn a_mac_is_compared_as_a_whole() {
        let key = mac_key(b"Jefe");
        let mac = key.sign(b"message");
        for byte in 0..32 {
            for bit in 0..8 {
                let mut bent = mac;
                bent[byte] ^= 1 << bit;
                assert!(!key.verify(b"message", &bent), "bit {bit} of byte {byte}");
            }
        }
        assert!(!key.verify(b"massage", &mac));
    }

    #[test]
    fn a_mac_key_prints_nothing_of_itself() {
        let key = mac_key(&[0xC7; 32]);
        assert_eq!((format!("{key:?}"), format!("{key:#?}")), ("MacKey(redacted)".into(), "MacKey(redacted)".into()));
    }
}
