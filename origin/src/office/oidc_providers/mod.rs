//! The `OpenID` providers by which people of a tenant sign in. They are read from the database each time, so what is changed
//! on one origin is so on all.

mod adopt;

use sealgate_shared::id::TenantId;

pub use adopt::AdoptError;

use super::{Office, OfficeError};
use crate::oidc::{Provider, ProviderId, ProviderSecret, ProviderSettings, ProviderSummary};
use crate::store::{ProviderChange, ProviderOutcome, ProviderPut, ProviderRow, SecretChange};
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
        match self.store.change_oidc_provider(tenant, id, change, now).await? {
            ProviderOutcome::NoTenant => Err(OfficeError::TenantNotFound(tenant.clone())),
            outcome => Ok(outcome),
        }
    }

    pub(in crate::office) fn unseal_provider(&self, row: ProviderRow) -> Result<Provider, OfficeError> {
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

    pub(in crate::office) fn seal_provider_secret(
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

/// What the row of a provider is called where rows have one name each.
fn row_name(tenant: &TenantId, id: &ProviderId) -> String {
    format!("{tenant}/{id}")
}

fn secret_place<'a>(tenant: &'a TenantId, row: &'a str) -> Place<'a> {
    Place { table: "oidc_providers", column: "sealed_secret", row, tenant: Some(tenant.as_str()) }
}
