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
use crate::keyring::PublishedKey;
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

    /// The part of the key that edges may have: four of its subkeys.
    pub fn publish(&self) -> PublishedKey {
        PublishedKey {
            id: self.id,
            tenant: self.tenant.clone(),
            access: self.derive(Purpose::Access),
            bearer: self.derive(Purpose::Bearer),
            csrf: self.derive(Purpose::Csrf),
            refresh_filter: self.derive(Purpose::RefreshFilter),
        }
    }

    /// Makes what signs access tokens for cookies under this key.
    pub fn access_sealer(&self) -> Sealer {
        Sealer::new(self.id, self.tenant.clone(), MacKey::new(&self.derive(Purpose::Access)))
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
