//! The `OpenID` providers by which people of a tenant sign in. They are read from the database each time, so what is changed
//! on one origin is so on all.

use sealgate_shared::id::TenantId;

use super::{Office, OfficeError};
use crate::config::FileProvider;
use crate::oidc::{Provider, ProviderId, ProviderSecret, ProviderSettings, ProviderSummary};
use crate::store::{ProviderChange, ProviderHand, ProviderOutcome, ProviderPut, ProviderRow, SecretChange};
use crate::vault::Place;

/// What becomes of a provider's secret when its settings are replaced.
#[derive(Clone, Debug)]
pub enum NewSecret {
    /// It stays.
    Keep,
    /// It is this one; or none, for a public client.
    Set(Option<ProviderSecret>),
}

impl Office {
    /// The tenant's provider of that id, enabled or not.
    pub async fn oidc_provider(&self, tenant: &TenantId, id: &ProviderId) -> Result<Option<Provider>, OfficeError> {
        let row = self.store.oidc_provider(tenant, id).await?;
        row.map(|row| self.unseal_provider(row)).transpose()
    }

    /// The tenant's providers, enabled or not, by id.
    pub async fn oidc_providers(&self, tenant: &TenantId) -> Result<Vec<ProviderSummary>, OfficeError> {
        let rows = self.store.oidc_providers(tenant).await?;
        let summary = |row: ProviderRow| ProviderSummary {
            id: row.provider.id,
            name: row.provider.settings.name,
            enabled: row.provider.enabled,
        };
        Ok(rows.into_iter().map(summary).collect())
    }

    /// As [`Self::oidc_providers`], whole.
    pub async fn list_oidc_providers(&self, tenant: &TenantId) -> Result<Vec<Provider>, OfficeError> {
        let rows = self.store.oidc_providers(tenant).await?;
        rows.into_iter().map(|row| self.unseal_provider(row)).collect()
    }

    /// Adds a provider.
    pub async fn add_oidc_provider(
        &self,
        tenant: &TenantId,
        id: &ProviderId,
        settings: &ProviderSettings,
        secret: Option<&ProviderSecret>,
    ) -> Result<ProviderOutcome, OfficeError> {
        let secret = SecretChange::Set(self.seal_provider_secret(tenant, id, secret)?);
        self.change_oidc_provider(tenant, id, &ProviderChange::Add(ProviderPut { settings, secret })).await
    }

    /// Gives a provider other settings.
    pub async fn replace_oidc_provider(
        &self,
        tenant: &TenantId,
        id: &ProviderId,
        settings: &ProviderSettings,
        secret: &NewSecret,
    ) -> Result<ProviderOutcome, OfficeError> {
        let secret = match secret {
            NewSecret::Keep => SecretChange::Keep,
            NewSecret::Set(secret) => SecretChange::Set(self.seal_provider_secret(tenant, id, secret.as_ref())?),
        };
        self.change_oidc_provider(tenant, id, &ProviderChange::Replace(ProviderPut { settings, secret })).await
    }

    /// Enables a provider, disables it, or removes it.
    pub async fn change_oidc_provider(
        &self,
        tenant: &TenantId,
        id: &ProviderId,
        change: &ProviderChange<'_>,
    ) -> Result<ProviderOutcome, OfficeError> {
        let now = self.clock.now();
        match self.store.change_oidc_provider(tenant, id, change, ProviderHand::Operator, now).await? {
            ProviderOutcome::NoTenant => Err(OfficeError::TenantNotFound(tenant.clone())),
            outcome => Ok(outcome),
        }
    }

    /// Makes the database say what the configuration file says: its providers are there and as it has them, and those that
    /// are in it no more are disabled, and the operator's from now on.
    pub async fn adopt_oidc_providers(&self, providers: &[FileProvider]) -> Result<(), OfficeError> {
        for provider in providers {
            self.adopt_oidc_provider(provider).await?;
        }
        for row in self.store.oidc_providers_of_file().await? {
            let Provider { tenant, id, .. } = &row.provider;
            if !providers.iter().any(|provider| provider.tenant == *tenant && provider.id == *id) {
                tracing::warn!(%tenant, provider = %id, "an OpenID provider is in the file no more: it is disabled");
                self.change_by_file(tenant, id, &ProviderChange::Release).await?;
            }
        }
        Ok(())
    }

    async fn adopt_oidc_provider(&self, provider: &FileProvider) -> Result<(), OfficeError> {
        let (tenant, id) = (&provider.tenant, &provider.id);
        let held = self.oidc_provider(tenant, id).await?;
        if held.is_some_and(|held| is_as_in_file(&held, provider)) {
            return Ok(());
        }
        let secret = SecretChange::Set(self.seal_provider_secret(tenant, id, provider.secret.as_ref())?);
        let put = ProviderPut { settings: &provider.settings, secret };
        match self.change_by_file(tenant, id, &ProviderChange::AddOrReplace(put, provider.enabled)).await? {
            ProviderOutcome::NoTenant => Err(OfficeError::TenantNotFound(tenant.clone())),
            ProviderOutcome::Overlaps(other) => Err(OfficeError::ProvidersOverlap(id.clone(), other)),
            _ => Ok(()),
        }
    }

    async fn change_by_file(
        &self,
        tenant: &TenantId,
        id: &ProviderId,
        change: &ProviderChange<'_>,
    ) -> Result<ProviderOutcome, OfficeError> {
        Ok(self.store.change_oidc_provider(tenant, id, change, ProviderHand::File, self.clock.now()).await?)
    }

    pub(super) fn unseal_provider(&self, row: ProviderRow) -> Result<Provider, OfficeError> {
        let ProviderRow { mut provider, sealed_secret } = row;
        if let Some(sealed) = sealed_secret {
            let name = row_name(&provider.tenant, &provider.id);
            let opened = self.vault.open_bytes(&secret_place(&provider.tenant, &name), &sealed)?;
            let secret = std::str::from_utf8(&opened).ok().and_then(|text| text.parse().ok());
            let broken = OfficeError::Broken("what was sealed as a provider's secret is none");
            provider.secret = Some(secret.ok_or(broken)?);
        }
        Ok(provider)
    }

    pub(super) fn seal_provider_secret(
        &self,
        tenant: &TenantId,
        id: &ProviderId,
        secret: Option<&ProviderSecret>,
    ) -> Result<Option<Vec<u8>>, OfficeError> {
        let Some(secret) = secret else { return Ok(None) };
        let name = row_name(tenant, id);
        Ok(Some(self.vault.seal_bytes(&secret_place(tenant, &name), secret.expose().as_bytes())?))
    }
}

/// Whether there is nothing to be changed, so that a start is not written down as a change.
fn is_as_in_file(held: &Provider, file: &FileProvider) -> bool {
    let secret = |secret: &Option<ProviderSecret>| secret.as_ref().map(|secret| secret.expose().to_owned());
    held.managed_by_file
        && held.enabled == file.enabled
        && held.settings == file.settings
        && secret(&held.secret) == secret(&file.secret)
}

/// What the row of a provider is called where rows have one name each.
fn row_name(tenant: &TenantId, id: &ProviderId) -> String {
    format!("{tenant}/{id}")
}

fn secret_place<'a>(tenant: &'a TenantId, row: &'a str) -> Place<'a> {
    Place { table: "oidc_providers", column: "sealed_secret", row, tenant: Some(tenant.as_str()) }
}
