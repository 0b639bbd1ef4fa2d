//! The keyring for an edge: the published part of its tenants' keys, sealed to it.

use sealgate_shared::edge::EdgeSecret;
use sealgate_shared::id::{EdgeId, TenantId};
use sealgate_shared::keyring::KeyringDocument;
use sealgate_shared::secret::Secret32;

use super::create::edge_place;
use super::{Office, OfficeError};
use crate::random;

/// A keyring on its way to an edge.
#[derive(Debug)]
pub struct SealedKeyring {
    pub version: u64,
    pub document: Vec<u8>,
}

impl Office {
    /// The version of the keyring now.
    pub async fn keyring_version(&self) -> Result<u64, OfficeError> {
        Ok(self.store.keyring_version().await?)
    }

    /// Makes the keyring of an edge that serves these tenants. Four subkeys of each key, no more, go in.
    pub async fn seal_keyring(&self, edge: &EdgeId, tenants: &[TenantId]) -> Result<SealedKeyring, OfficeError> {
        let secret = EdgeSecret::new(self.unseal_edge_secret(edge).await?);
        let version = self.store.keyring_version().await?;
        let max_lifetime_ms = self.store.token_lifetime().await?;
        let mut published = Vec::new();
        for tenant in tenants {
            published.extend(self.keys(tenant).await?.published.iter().cloned());
        }
        let document = KeyringDocument { version, max_lifetime_ms, keys: published };
        Ok(SealedKeyring { version, document: document.seal(edge, &secret, random::draw()?) })
    }

    /// Unseals an edge's secret.
    pub async fn unseal_edge_secret(&self, edge: &EdgeId) -> Result<Secret32, OfficeError> {
        let sealed = self.store.edge_secret(edge).await?;
        let sealed = sealed.ok_or_else(|| OfficeError::EdgeNotFound(edge.clone()))?;
        Ok(self.vault.open(&edge_place(edge), &sealed)?)
    }
}
