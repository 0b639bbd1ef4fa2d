//! The keys a verifier holds: one signs, several verify, and of others it knows why their tokens are refused.

mod document;
mod published;

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

pub use document::{KeyringDocument, OpenError};
pub use published::{KeyMaterial, PublishedKey, SessionSubkeys, TokenSubkeys};

use crate::csrf::CsrfToken;
use crate::id::{KeyId, SessionId, TenantId};
use crate::key::MacKey;
use crate::reject::Reject;
use crate::token::TokenKind;

/// One key of a ring, ready for what it may still do.
#[derive(Clone, Debug)]
pub struct RingKey {
    tenant: TenantId,
    macs: Macs,
}

/// [`KeyMaterial`], prepared. What a state does not allow has no key to do it with.
#[derive(Clone, Debug)]
enum Macs {
    Verifying(Box<TokenMacs>, MacKey),
    Retired(MacKey),
    Revoked,
}

#[derive(Clone, Debug)]
struct TokenMacs {
    access: MacKey,
    bearer: MacKey,
}

impl RingKey {
    fn new(key: &PublishedKey) -> Self {
        let macs = match &key.material {
            KeyMaterial::Verifying(tokens, sessions) => {
                let tokens = TokenMacs { access: MacKey::new(&tokens.access), bearer: MacKey::new(&tokens.bearer) };
                Macs::Verifying(Box::new(tokens), MacKey::new(&sessions.csrf))
            }
            KeyMaterial::Retired(sessions) => Macs::Retired(MacKey::new(&sessions.csrf)),
            KeyMaterial::Revoked => Macs::Revoked,
        };
        Self { tenant: key.tenant.clone(), macs }
    }

    pub(crate) const fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// What the MAC of a token is compared with; or what is to be said of the token without one.
    pub(crate) fn mac(&self, kind: TokenKind) -> Result<&MacKey, Reject> {
        match (&self.macs, kind) {
            (Macs::Verifying(tokens, _), TokenKind::Access) => Ok(&tokens.access),
            (Macs::Verifying(tokens, _), TokenKind::Bearer) => Ok(&tokens.bearer),
            (Macs::Retired(_), _) => Err(Reject::Expired),
            (Macs::Revoked, _) => Err(Reject::Revoked),
        }
    }

    /// The CSRF token of a session whose row names this key; none under a revoked key, whose sessions have ended.
    pub fn csrf_token(&self, session: SessionId) -> Option<CsrfToken> {
        match &self.macs {
            Macs::Verifying(_, csrf) | Macs::Retired(csrf) => Some(CsrfToken::derive(csrf, session)),
            Macs::Revoked => None,
        }
    }
}

/// A set of keys by id, with the version it was published under.
#[derive(Clone, Debug)]
pub struct Keyring {
    version: u64,
    max_lifetime_ms: u64,
    keys: BTreeMap<KeyId, RingKey>,
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
            if keys.insert(key.id, RingKey::new(key)).is_some() {
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

    /// The key of that id, whatever it may still do.
    pub fn find(&self, kid: KeyId) -> Option<&RingKey> {
        self.keys.get(&kid)
    }

    /// Whether a token under that key comes to its MAC at all. It costs nothing, and needs no more than the id:
    /// [`Reject::UnknownKid`] when the ring has no such key, [`Reject::Revoked`] and [`Reject::Expired`] when it was
    /// revoked, or retired so long ago that no token of it can be alive.
    pub fn check_key(&self, kid: KeyId) -> Result<(), Reject> {
        // Keys are kept for both kinds of token or for neither.
        self.find(kid).ok_or(Reject::UnknownKid)?.mac(TokenKind::Access).map(|_| ())
    }

    /// The ids of all keys in the ring.
    pub fn key_ids(&self) -> Vec<KeyId> {
        self.keys.keys().copied().collect()
    }
}
