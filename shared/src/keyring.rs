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
    Verifying(Box<TokenMacs>, Box<SessionMacs>),
    Retired(Box<SessionMacs>),
    Revoked,
}

#[derive(Clone, Debug)]
struct SessionMacs {
    csrf: MacKey,
    refresh_filter: MacKey,
}

impl SessionMacs {
    fn new(subkeys: &SessionSubkeys) -> Box<Self> {
        Box::new(Self { csrf: MacKey::new(&subkeys.csrf), refresh_filter: MacKey::new(&subkeys.refresh_filter) })
    }
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
                Macs::Verifying(Box::new(tokens), SessionMacs::new(sessions))
            }
            KeyMaterial::Retired(sessions) => Macs::Retired(SessionMacs::new(sessions)),
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

    /// What the outer MAC of a refresh token is compared with; sessions of a revoked key have ended.
    pub(crate) fn refresh_filter(&self) -> Result<&MacKey, Reject> {
        self.session_macs().map(|macs| &macs.refresh_filter).ok_or(Reject::Revoked)
    }

    /// The CSRF token of a session whose row names this key; none under a revoked key, whose sessions have ended.
    pub fn csrf_token(&self, session: SessionId) -> Option<CsrfToken> {
        self.session_macs().map(|macs| CsrfToken::derive(&macs.csrf, session))
    }

    fn session_macs(&self) -> Option<&SessionMacs> {
        match &self.macs {
            Macs::Verifying(_, sessions) | Macs::Retired(sessions) => Some(sessions),
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

    /// As [`Self::check_key`], for a refresh token: a retired key will do.
    pub fn check_refresh_key(&self, kid: KeyId) -> Result<(), Reject> {
        self.find(kid).ok_or(Reject::UnknownKid)?.refresh_filter().map(|_| ())
    }

    /// Whether `text` is the CSRF token of that session under any of the tenant's keys: the page that shows it may be
    /// older than the key that signs the session's tokens now. Every key is tried, whichever fits.
    pub fn proves_csrf(&self, tenant: &TenantId, session: SessionId, text: &str) -> bool {
        let keys = self.keys.values().filter(|key| key.tenant() == tenant);
        let tokens = keys.filter_map(|key| key.csrf_token(session));
        tokens.fold(false, |fits, token| fits | token.matches(text))
    }

    /// The ids of all keys in the ring.
    pub fn key_ids(&self) -> Vec<KeyId> {
        self.keys.keys().copied().collect()
    }
}
