//! The providers of the configuration file.

use super::{Office, OfficeError};
use crate::config::{ConfigError, FileProvider};
use crate::oidc::ProviderSecret;
use crate::store::{Adoption, AdoptionFault, FilePut, NotAdopted, ProviderRow};

/// Why the providers of the file were not adopted: not one of them.
#[derive(Debug, thiserror::Error)]
pub enum AdoptError {
    #[error(transparent)]
    File(#[from] ConfigError),
    #[error(transparent)]
    Office(#[from] OfficeError),
}

impl Office {
    /// Makes the database say what the configuration file says, or leaves it as it is: the file's providers are there and as
    /// it has them, and those that are in it no more are disabled, and the operator's from now on. Each comes with its secret.
    pub async fn adopt_oidc_providers(
        &self,
        providers: &[(&FileProvider, Option<ProviderSecret>)],
    ) -> Result<(), AdoptError> {
        let puts = providers.iter().map(|(provider, secret)| self.prepare(provider, secret.as_ref()));
        let puts: Vec<FilePut<'_>> = puts.collect::<Result<_, _>>()?;
        let is_same_secret = |row: &ProviderRow, put: &FilePut<'_>| self.has_secret(row, put.secret);
        let adopted = self.store.adopt_oidc_providers(&puts, &is_same_secret, self.clock.now()).await;
        let adopted = match adopted.map_err(OfficeError::from)? {
            Ok(adopted) => adopted,
            Err(NotAdopted { position, fault }) => return Err(blame(providers[position].0, &fault).into()),
        };
        for provider in adopted {
            let (tenant, id) = (&provider.tenant, &provider.id);
            match provider.how {
                Adoption::Added => {
                    tracing::info!(%tenant, provider = %id, "an OpenID provider of the file was added");
                }
                Adoption::Changed => {
                    tracing::info!(%tenant, provider = %id, "an OpenID provider is now as in the file");
                }
                Adoption::TakenOver => {
                    tracing::warn!(%tenant, provider = %id, "an OpenID provider that was disabled is now kept in the file");
                }
                Adoption::Released => {
                    tracing::warn!(%tenant, provider = %id, "an OpenID provider is in the file no more: it is disabled");
                }
            }
        }
        Ok(())
    }

    fn prepare<'a>(
        &self,
        provider: &'a FileProvider,
        secret: Option<&'a ProviderSecret>,
    ) -> Result<FilePut<'a>, OfficeError> {
        let FileProvider { tenant, id, settings, enabled, .. } = provider;
        let sealed = self.seal_provider_secret(tenant, id, secret)?;
        Ok(FilePut { tenant, id, settings, secret, sealed, enabled: *enabled })
    }

    /// Whether the row has this secret. One that does not open has another.
    fn has_secret(&self, row: &ProviderRow, secret: Option<&ProviderSecret>) -> bool {
        let held = self.unseal_provider(row.clone()).map(|provider| provider.secret);
        held.is_ok_and(|held| held.as_ref().map(ProviderSecret::expose) == secret.map(ProviderSecret::expose))
    }
}

fn blame(provider: &FileProvider, fault: &AdoptionFault) -> ConfigError {
    let FileProvider { tenant, id, .. } = provider;
    match fault {
        AdoptionFault::NoTenant => {
            provider.blame(format!("there is no tenant {tenant}; `sealgate tenants create {tenant}` makes it"))
        }
        AdoptionFault::Overlaps(other) => provider.blame(format!(
            "it and {other}, which is enabled too, could name the same people: give them another actor_type each, or an \
             actor_prefix each of which neither begins with the other; or say shares_actors = true, if they are the same"
        )),
        AdoptionFault::IsTheOperators => provider.blame(format!(
            "an operator added a provider of this id, and it is enabled: give this one another id, or let the file have \
             that one, with what the file says and no more, by `sealgate oidc disable --tenant {tenant} {id}`"
        )),
    }
}
