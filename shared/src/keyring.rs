//! The keys a verifier holds: one signs, several verify.

mod document;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

pub use document::{KeyringDocument, OpenError};

use crate::csrf::CsrfToken;
use crate::id::{KeyId, SessionId, TenantId};
use crate::key::MacKey;
use crate::secret::Secret32;
use crate::token::TokenKind;

/// The part of a signing key that leaves the origin: the subkeys an edge needs, and no other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedKey {
    /// The key's id.
    pub id: KeyId,
    /// The tenant whose key it is.
    pub tenant: TenantId,
    /// Subkey for access tokens in cookies.
    pub access: Secret32,
    /// Subkey for bearer tokens.
    pub bearer: Secret32,
    /// Subkey for CSRF tokens.
    pub csrf: Secret32,
    /// Subkey for the outer MAC of refresh tokens.
    pub refresh_filter: Secret32,
}

/// One key, ready to verify with.
#[derive(Clone, Debug)]
pub struct VerifyingKey {
    tenant: TenantId,
    access: MacKey,
    bearer: MacKey,
    csrf: MacKey,
}

impl VerifyingKey {
    fn new(key: &PublishedKey) -> Self {
        Self {
            tenant: key.tenant.clone(),
            access: MacKey::new(&key.access),
            bearer: MacKey::new(&key.bearer),
            csrf: MacKey::new(&key.csrf),
        }
    }

    pub(crate) const fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    pub(crate) const fn mac(&self, kind: TokenKind) -> &MacKey {
        match kind {
            TokenKind::Access => &self.access,
            TokenKind::Bearer => &self.bearer,
        }
    }

    /// The CSRF token of a session that this key signs for.
    pub fn csrf_token(&self, session: SessionId) -> CsrfToken {
        CsrfToken::derive(&self.csrf, session)
    }
}

/// A set of keys by id, with the version it was published under.
#[derive(Clone, Debug)]
pub struct Keyring {
    version: u64,
    max_lifetime_ms: u64,
    keys: BTreeMap<KeyId, VerifyingKey>,
}

/// Two keys of one id: a ring in which a token could be read in two ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("two keys have the id {0}")]
pub struct DuplicateKey(pub KeyId);

impl Keyring {
    /// Makes a ring. `max_lifetime_ms` is the longest lifetime, in milliseconds, that a token may have.
    pub fn new(version: u64, max_lifetime_ms: u64, published: &[PublishedKey]) -> Result<Self, DuplicateKey> {
        let mut keys = BTreeMap::new();
        for key in published {
            if keys.insert(key.id, VerifyingKey::new(key)).is_some() {
                return Err(DuplicateKey(key.id));
            }
        }
        Ok(Self { version, max_lifetime_ms, keys })
    }

    /// Counts up whenever a key comes, goes or changes its state.
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// The longest lifetime, in milliseconds, that a token may have.
    pub const fn max_lifetime_ms(&self) -> u64 {
        self.max_lifetime_ms
    }

    /// The key of that id.
    pub fn find(&self, kid: KeyId) -> Option<&VerifyingKey> {
        self.keys.get(&kid)
    }

    /// The ids of all keys in the ring.
    pub fn key_ids(&self) -> Vec<KeyId> {
        self.keys.keys().copied().collect()
    }
}
