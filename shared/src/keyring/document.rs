//! The keyring on its way from the origin to an edge: postcard inside an envelope that only that edge can
//! open, so that an HTTP cache in between sees nothing and can change nothing.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::{DuplicateKey, KeyMaterial, Keyring, PublishedKey, SessionSubkeys, TokenSubkeys};
use crate::edge::{EdgeSecret, OpenEnvelopeError};
use crate::id::{EdgeId, KeyId, TenantId};
use crate::secret::Secret32;

/// What the envelope says it holds. Bound into it, so that no other kind of document can take its place.
const PURPOSE: &[u8] = b"sealgate/v1/keyring";

/// The published keys of an edge's tenants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyringDocument {
    /// See [`Keyring::version`].
    pub version: u64,
    /// See [`Keyring::max_lifetime_ms`].
    pub max_lifetime_ms: u64,
    /// The keys.
    pub keys: Vec<PublishedKey>,
}

/// Why a sealed keyring could not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The envelope does not open.
    #[error(transparent)]
    Envelope(#[from] OpenEnvelopeError),
    /// It opens, but what it holds is not a keyring in canonical form.
    #[error("the document is not a keyring of this version")]
    Content,
    /// Two keys have one id.
    #[error(transparent)]
    DuplicateKey(#[from] DuplicateKey),
}

#[derive(Serialize, Deserialize)]
struct Wire {
    version: u64,
    max_lifetime_ms: u64,
    keys: Vec<WireKey>,
}

#[derive(Serialize, Deserialize)]
struct WireKey {
    id: [u8; 8],
    tenant: TenantId,
    material: WireMaterial,
}

/// Postcard writes the variant's position first, as a varint: 0, 1 or 2.
#[derive(Serialize, Deserialize)]
enum WireMaterial {
    Verifying(WireTokens, WireSessions),
    Retired(WireSessions),
    Revoked,
}

#[derive(Serialize, Deserialize)]
struct WireTokens {
    access: [u8; 32],
    bearer: [u8; 32],
}

#[derive(Serialize, Deserialize)]
struct WireSessions {
    csrf: [u8; 32],
    refresh_filter: [u8; 32],
}

impl Zeroize for Wire {
    fn zeroize(&mut self) {
        for key in &mut self.keys {
            match &mut key.material {
                WireMaterial::Verifying(tokens, sessions) => {
                    tokens.access.zeroize();
                    tokens.bearer.zeroize();
                    sessions.zeroize();
                }
                WireMaterial::Retired(sessions) => sessions.zeroize(),
                WireMaterial::Revoked => {}
            }
        }
    }
}

impl Zeroize for WireSessions {
    fn zeroize(&mut self) {
        self.csrf.zeroize();
        self.refresh_filter.zeroize();
    }
}

impl KeyringDocument {
    /// Seals the document to one edge. `nonce` must never be used twice under one edge's secret: draw it at
    /// random.
    pub fn seal(&self, edge: &EdgeId, secret: &EdgeSecret, nonce: [u8; 12]) -> Vec<u8> {
        let wire = Zeroizing::new(Wire {
            version: self.version,
            max_lifetime_ms: self.max_lifetime_ms,
            keys: self.keys.iter().map(WireKey::from).collect(),
        });
        // Writing to memory does not fail; were it to, an empty document opens nowhere.
        let bytes = Zeroizing::new(postcard::to_allocvec(&*wire).unwrap_or_default());
        secret.seal_envelope(PURPOSE, edge, nonce, &bytes)
    }

    /// Opens a document that was sealed to this edge.
    pub fn open(sealed: &[u8], edge: &EdgeId, secret: &EdgeSecret) -> Result<Self, OpenError> {
        let bytes = secret.open_envelope(PURPOSE, edge, sealed)?;
        let wire: Wire = postcard::from_bytes(&bytes).map_err(|_| OpenError::Content)?;
        let wire = Zeroizing::new(wire);
        if postcard::to_allocvec(&*wire).map(Zeroizing::new).as_deref() != Ok(&*bytes) {
            return Err(OpenError::Content);
        }
        Ok(Self {
            version: wire.version,
            max_lifetime_ms: wire.max_lifetime_ms,
            keys: wire.keys.iter().map(PublishedKey::from).collect(),
        })
    }

    /// Makes the ring to verify with.
    pub fn to_ring(&self) -> Result<Keyring, OpenError> {
        Ok(Keyring::new(self.version, self.max_lifetime_ms, &self.keys)?)
    }
}

impl From<&PublishedKey> for WireKey {
    fn from(key: &PublishedKey) -> Self {
        let material = match &key.material {
            KeyMaterial::Verifying(tokens, sessions) => WireMaterial::Verifying(tokens.into(), sessions.into()),
            KeyMaterial::Retired(sessions) => WireMaterial::Retired(sessions.into()),
            KeyMaterial::Revoked => WireMaterial::Revoked,
        };
        Self { id: *key.id.as_bytes(), tenant: key.tenant.clone(), material }
    }
}

impl From<&WireKey> for PublishedKey {
    fn from(key: &WireKey) -> Self {
        let material = match &key.material {
            WireMaterial::Verifying(tokens, sessions) => KeyMaterial::Verifying(tokens.into(), sessions.into()),
            WireMaterial::Retired(sessions) => KeyMaterial::Retired(sessions.into()),
            WireMaterial::Revoked => KeyMaterial::Revoked,
        };
        Self { id: KeyId::new(key.id), tenant: key.tenant.clone(), material }
    }
}

impl From<&TokenSubkeys> for WireTokens {
    fn from(subkeys: &TokenSubkeys) -> Self {
        Self { access: *subkeys.access.expose(), bearer: *subkeys.bearer.expose() }
    }
}

impl From<&WireTokens> for TokenSubkeys {
    fn from(subkeys: &WireTokens) -> Self {
        Self { access: Secret32::new(subkeys.access), bearer: Secret32::new(subkeys.bearer) }
    }
}

impl From<&SessionSubkeys> for WireSessions {
    fn from(subkeys: &SessionSubkeys) -> Self {
        Self { csrf: *subkeys.csrf.expose(), refresh_filter: *subkeys.refresh_filter.expose() }
    }
}

impl From<&WireSessions> for SessionSubkeys {
    fn from(subkeys: &WireSessions) -> Self {
        Self { csrf: Secret32::new(subkeys.csrf), refresh_filter: Secret32::new(subkeys.refresh_filter) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subkeys_on_their_way_are_wiped() {
        let sessions = || WireSessions { csrf: [4; 32], refresh_filter: [5; 32] };
        let tokens = WireTokens { access: [2; 32], bearer: [3; 32] };
        let materials = [WireMaterial::Verifying(tokens, sessions()), WireMaterial::Retired(sessions())];
        let key = |material| WireKey { id: [1; 8], tenant: "demo".parse().unwrap(), material };
        let mut wire = Wire { version: 1, max_lifetime_ms: 1, keys: materials.map(key).into() };
        let shows = |wire: &Wire, secret: u8| {
            let bytes = postcard::to_allocvec(&wire.keys).unwrap();
            bytes.windows(8).any(|window| window == [secret; 8])
        };
        assert!((2..=5).all(|secret| shows(&wire, secret)));
        wire.zeroize();
        assert!(!(2..=5).any(|secret| shows(&wire, secret)));
    }
}
