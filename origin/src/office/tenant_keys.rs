//! A tenant's keys, unsealed and ready for use.

use sealgate_shared::csrf::CsrfToken;
use sealgate_shared::id::{KeyId, SessionId, TenantId};
use sealgate_shared::key::SigningKey;
use sealgate_shared::keyring::{Keyring, PublishedKey};
use sealgate_shared::secret::Secret32;
use sealgate_shared::token::Sealer;

use super::{Office, OfficeError};
use crate::store::{KeyRow, KeyState};
use crate::vault::Place;

/// Everything that is signed and verified with for one tenant, as of one version of the keyring.
#[derive(Debug)]
pub struct TenantKeys {
    pub(super) version: u64,
    pub(super) sealer: Sealer,
    pub(super) ring: Keyring,
    pub(super) published: Vec<PublishedKey>,
    pub(super) states: Vec<(KeyId, KeyState)>,
    pub(super) fingerprint_key: Secret32,
}

impl TenantKeys {
    /// The CSRF token of a session, under the key that signs its tokens.
    pub fn csrf_token(&self, key: KeyId, session: SessionId) -> Option<CsrfToken> {
        self.ring.find(key).map(|key| key.csrf_token(session))
    }

    /// What a key of the tenant is doing.
    pub(super) fn state_of(&self, key: KeyId) -> Option<KeyState> {
        self.states.iter().find(|(id, _)| *id == key).map(|&(_, state)| state)
    }
}

impl Office {
    /// Reads and unseals the keys of a tenant.
    pub(super) async fn load_keys(&self, tenant: &TenantId) -> Result<TenantKeys, OfficeError> {
        // The version first: keys that change while we read are then newer than it says, never older.
        let version = self.store.keyring_version().await?;
        let max_lifetime = self.store.token_lifetime().await?;
        let fingerprint_key = self.store.fingerprint_key(tenant).await?;
        let fingerprint_key = fingerprint_key.ok_or_else(|| OfficeError::TenantNotFound(tenant.clone()))?;
        let rows = self.store.verifying_keys(tenant).await?;

        let keys = rows.iter().map(|row| self.unseal(tenant, row)).collect::<Result<Vec<SigningKey>, OfficeError>>()?;
        let active = rows.iter().position(|row| row.state == KeyState::Active);
        let active = active.and_then(|position| keys.get(position));
        let published: Vec<PublishedKey> = keys.iter().map(SigningKey::publish).collect();
        Ok(TenantKeys {
            version,
            sealer: active.ok_or(OfficeError::Broken("the tenant has no active signing key"))?.access_sealer(),
            ring: Keyring::new(version, max_lifetime, &published)
                .map_err(|_| OfficeError::Broken("two signing keys have one id"))?,
            published,
            states: rows.iter().map(|row| (row.id, row.state)).collect(),
            fingerprint_key: self.vault.open(&fingerprint_place(tenant), &fingerprint_key)?,
        })
    }

    /// Opens one sealed secret of the database, if it has any: a wrong key-encryption key should stop the
    /// start rather than the first request.
    pub async fn check_vault(&self) -> Result<(), OfficeError> {
        if let Some((tenant, sealed)) = self.store.any_fingerprint_key().await? {
            self.vault.open(&fingerprint_place(&tenant), &sealed)?;
        }
        Ok(())
    }

    fn unseal(&self, tenant: &TenantId, row: &KeyRow) -> Result<SigningKey, OfficeError> {
        let secret = self.vault.open(&key_place(&row.id.to_string(), tenant), &row.sealed)?;
        Ok(SigningKey::new(row.id, tenant.clone(), secret))
    }
}

/// Where a signing key is stored.
pub(super) fn key_place<'a>(id: &'a str, tenant: &'a TenantId) -> Place<'a> {
    Place { table: "signing_keys", column: "sealed", row: id, tenant: Some(tenant.as_str()) }
}

/// Where a tenant's fingerprint key is stored.
pub(super) fn fingerprint_place(tenant: &TenantId) -> Place<'_> {
    Place { table: "tenants", column: "fingerprint_key", row: tenant.as_str(), tenant: Some(tenant.as_str()) }
}
