//! What leaves the origin of a signing key.

use crate::id::{KeyId, TenantId};
use crate::secret::Secret32;

/// The part of a signing key that leaves the origin: the subkeys for what it may still do, and no other.
///
/// Made by [`SigningKey::publish`](crate::key::SigningKey::publish),
/// [`SigningKey::publish_retired`](crate::key::SigningKey::publish_retired) and [`PublishedKey::revoked`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedKey {
    /// The key's id.
    pub id: KeyId,
    /// The tenant whose key it is.
    pub tenant: TenantId,
    /// What it may still do.
    pub material: KeyMaterial,
}

impl PublishedKey {
    /// A key that was revoked: its id alone, so that whoever holds one of its tokens can be told why it is refused.
    /// No secret is needed to say so, and none can be had by whoever is told.
    pub const fn revoked(id: KeyId, tenant: TenantId) -> Self {
        Self { id, tenant, material: KeyMaterial::Revoked }
    }
}

/// What a key may still do, with the subkeys that it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyMaterial {
    /// It signs, will sign, or signed a short while ago: access tokens of it may be alive.
    Verifying(TokenSubkeys, SessionSubkeys),
    /// Every access token that it signed has expired. Sessions whose row names it may be alive.
    Retired(SessionSubkeys),
    /// Nothing that it signed counts any more.
    Revoked,
}

/// The subkeys that are of use as long as an access token of the key may live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenSubkeys {
    /// Subkey for access tokens in cookies.
    pub access: Secret32,
    /// Subkey for bearer tokens.
    pub bearer: Secret32,
}

/// The subkeys that are of use as long as a session of the key may live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionSubkeys {
    /// Subkey for CSRF tokens.
    pub csrf: Secret32,
    /// Subkey for the outer MAC of refresh tokens.
    pub refresh_filter: Secret32,
}
