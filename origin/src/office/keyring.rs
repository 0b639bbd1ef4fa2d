//! The keyring for an edge: the published part of its tenants' keys, sealed to it.

use sealgate_shared::edge::EdgeSecret;
use sealgate_shared::id::{EdgeId, TenantId};
use sealgate_shared::keyring::KeyringDocument;

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

    /// Makes the keyring of an edge that serves these tenants, sealed to the secret that it made its proof with. Four
    /// subkeys of each key, no more, go in; nothing of a tenant that is disabled.
    pub async fn seal_keyring(
        &self,
        edge: &EdgeId,
        proof: &[u8; 32],
        tenants: &[TenantId],
    ) -> Result<SealedKeyring, OfficeError> {
        let secret = EdgeSecret::new(self.unseal_edge_secret_of(edge, proof).await?);
        let version = self.store.keyring_version().await?;
        let max_lifetime_ms = self.store.token_lifetime().await?;
        let mut published = Vec::new();
        for tenant in tenants {
            // Nothing older than the version says: an edge that holds a version asks for it no more.
            match self.keys_as_of(tenant, version).await {
                Ok(keys) if keys.disabled => {}
                Ok(keys) => published.extend(keys.published.iter().cloned()),
                // Deleted since the edge was recognised.
                Err(OfficeError::TenantNotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let document = KeyringDocument { version, max_lifetime_ms, keys: published };
        Ok(SealedKeyring { version, document: document.seal(edge, &secret, random::draw()?) })
    }
}
