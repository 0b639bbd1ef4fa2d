//! A tenant's keys, unsealed and ready for use.

use std::collections::BTreeMap;

use sealgate_shared::csrf::CsrfToken;
use sealgate_shared::id::{KeyId, SessionId, TenantId};
use sealgate_shared::key::SigningKey;
use sealgate_shared::keyring::{Keyring, PublishedKey};
use sealgate_shared::refresh::RefreshSealer;
use sealgate_shared::reject::Reject;
use sealgate_shared::secret::Secret32;
use sealgate_shared::token::Sealed;

use super::signer::Signer;
use super::{Office, OfficeError};
use crate::store::KeyState;
use crate::vault::Place;

/// Everything that is signed and verified with for one tenant, as of one version of the keyring.
#[derive(Debug)]
pub struct TenantKeys {
    pub(super) version: u64,
    /// Whether the tenant is disabled: its keys are published to nobody, and sign nothing that would be stored.
    pub(super) disabled: bool,
    /// The key that signs.
    pub(super) active: KeyId,
    /// Every key that still has a secret and was not revoked.
    signers: BTreeMap<KeyId, Signer>,
    /// What a verifier holds.
    pub(super) ring: Keyring,
    /// As [`Self::ring`], and with it the tokens of retired keys can be told from forged ones until the keys are
    /// destroyed. None of them is alive, but they say whose they were: whoever signs out by one wants out.
    pub(super) archive: Keyring,
    pub(super) published: Vec<PublishedKey>,
    pub(super) states: Vec<(KeyId, KeyState)>,
    pub(super) fingerprint_key: Secret32,
}

impl TenantKeys {
    /// The CSRF token of a session, under the key that signs its tokens.
    pub fn csrf_token(&self, key: KeyId, session: SessionId) -> Option<CsrfToken> {
        self.ring.find(key).and_then(|key| key.csrf_token(session))
    }

    /// What signs under a key, retired ones included.
    pub(super) fn signer(&self, key: KeyId) -> Option<&Signer> {
        self.signers.get(&key)
    }

    /// What proves the refresh tokens that a key signed.
    pub(super) fn refresh_sealer(&self, key: KeyId) -> Option<&RefreshSealer> {
        self.signer(key).map(Signer::refresh)
    }

    /// What a key of the tenant is doing.
    pub(super) fn state_of(&self, key: KeyId) -> Option<KeyState> {
        self.states.iter().find(|(id, _)| *id == key).map(|&(_, state)| state)
    }

    /// Why tokens are refused of which none holds. Verifiers know nothing of a key that was destroyed; it is told here
    /// from one that never was, and what it signed has expired.
    pub(super) fn explain<'t>(&self, reject: Reject, mut tokens: impl Iterator<Item = &'t str>) -> Reject {
        let names_destroyed = |token: &str| {
            let kid = Sealed::parse(token).map(|sealed| sealed.kid());
            kid.is_ok_and(|kid| self.state_of(kid) == Some(KeyState::Destroyed))
        };
        if reject != Reject::AmbiguousSession && tokens.any(names_destroyed) { Reject::Expired } else { reject }
    }
}

impl Office {
    /// Reads and unseals the keys of a tenant.
    pub(super) async fn load_keys(&self, tenant: &TenantId) -> Result<TenantKeys, OfficeError> {
        // The version first: keys that change while we read are then newer than it says, never older.
        let version = self.store.keyring_version().await?;
        let max_lifetime = self.store.token_lifetime().await?;
        let found = self.store.tenant(tenant).await?;
        let found = found.ok_or_else(|| OfficeError::TenantNotFound(tenant.clone()))?;
        let rows = self.store.keys_of(tenant).await?;

        let (mut active, mut signers) = (None, BTreeMap::new());
        let (mut published, mut archived) = (Vec::new(), Vec::new());
        for row in &rows {
            let Some(secret) = &row.sealed else { continue };
            if row.state == KeyState::Revoked {
                published.push(PublishedKey::revoked(row.id, tenant.clone()));
                archived.push(PublishedKey::revoked(row.id, tenant.clone()));
                continue;
            }
            let key = self.unseal(tenant, row.id, secret)?;
            published.push(if row.withdrawn { key.publish_retired() } else { key.publish() });
            archived.push(key.publish());
            signers.insert(row.id, Signer::new(&key));
            if row.state == KeyState::Active {
                active = Some(row.id);
            }
        }
        let ring = |keys: &[PublishedKey]| {
            let ring = Keyring::new(version, max_lifetime, keys);
            ring.map_err(|_| OfficeError::Broken("two signing keys have one id"))
        };
        Ok(TenantKeys {
            version,
            disabled: found.disabled,
            active: active.ok_or(OfficeError::Broken("the tenant has no active signing key"))?,
            signers,
            ring: ring(&published)?,
            archive: ring(&archived)?,
            published,
            states: rows.iter().map(|row| (row.id, row.state)).collect(),
            fingerprint_key: self.vault.open(&fingerprint_place(tenant), &found.sealed_fingerprint_key)?,
        })
    }

    fn unseal(&self, tenant: &TenantId, id: KeyId, sealed: &[u8]) -> Result<SigningKey, OfficeError> {
        let secret = self.vault.open(&key_place(&id.to_string(), tenant), sealed)?;
        Ok(SigningKey::new(id, tenant.clone(), secret))
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
