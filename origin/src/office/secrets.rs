//! Trying the key-encryption key on everything that is sealed.

use super::create::edge_place;
use super::tenant_keys::{fingerprint_place, key_place};
use super::{Office, OfficeError};
use crate::vault::{Place, VaultError};

/// How many sealed secrets there are, and why some do not open.
#[derive(Debug, Default)]
pub struct SecretsFound {
    pub opened: usize,
    pub failures: Vec<VaultError>,
}

impl Office {
    /// Opens every sealed secret of the database once.
    pub async fn try_every_secret(&self) -> Result<SecretsFound, OfficeError> {
        let mut found = SecretsFound::default();
        for (tenant, sealed) in self.store.sealed_fingerprint_keys().await? {
            self.try_secret(&fingerprint_place(&tenant), &sealed, &mut found);
        }
        for (tenant, key, sealed) in self.store.sealed_signing_keys().await? {
            self.try_secret(&key_place(&key.to_string(), &tenant), &sealed, &mut found);
        }
        for (edge, sealed) in self.store.sealed_edge_secrets().await? {
            self.try_secret(&edge_place(&edge), &sealed, &mut found);
        }
        Ok(found)
    }

    fn try_secret(&self, place: &Place<'_>, sealed: &[u8], found: &mut SecretsFound) {
        match self.vault.open(place, sealed) {
            Ok(_) => found.opened += 1,
            Err(error) => found.failures.push(error),
        }
    }
}
