//! The table `oidc_providers`.

mod adopt;
mod change;
mod row;
mod target;

use sealgate_shared::id::TenantId;

pub use adopt::{Adopted, Adoption, AdoptionFault, FilePut, NotAdopted};
pub use change::{ProviderChange, ProviderOutcome, ProviderPut, SecretChange};
use row::Row;

use super::engine::Transaction;
use super::{Store, StoreResult};
use crate::oidc::{Provider, ProviderId};

/// A provider as its row has it.
#[derive(Clone, Debug)]
pub struct ProviderRow {
    /// Without its secret.
    pub provider: Provider,
    pub sealed_secret: Option<Vec<u8>>,
}

const OF_TENANT: &str = concat!("select ", row::columns!(), " from oidc_providers where tenant = $1 order by id");
const ONE: &str = concat!("select ", row::columns!(), " from oidc_providers where tenant = $1 and id = $2");

impl Store {
    /// The tenant's provider of that id.
    pub async fn oidc_provider(&self, tenant: &TenantId, id: &ProviderId) -> StoreResult<Option<ProviderRow>> {
        let row: Option<Row> = self.read.fetch_optional(ONE, &[&tenant.as_str(), &id.as_str()]).await?;
        row.map(Row::into_provider).transpose()
    }

    /// The tenant's providers, by id.
    pub async fn oidc_providers(&self, tenant: &TenantId) -> StoreResult<Vec<ProviderRow>> {
        let rows: Vec<Row> = self.read.fetch_all(OF_TENANT, &[&tenant.as_str()]).await?;
        rows.into_iter().map(Row::into_provider).collect()
    }
}

/// The tenant's providers, inside a transaction.
async fn providers_of(transaction: &mut Transaction, tenant: &TenantId) -> StoreResult<Vec<ProviderRow>> {
    let rows: Vec<Row> = transaction.fetch_all(OF_TENANT, &[&tenant.as_str()]).await?;
    rows.into_iter().map(Row::into_provider).collect()
}

/// Every tenant's providers that are kept in the configuration file, inside a transaction.
async fn providers_of_file(transaction: &mut Transaction) -> StoreResult<Vec<ProviderRow>> {
    const SQL: &str =
        concat!("select ", row::columns!(), " from oidc_providers where managed_by_file = true order by tenant, id");
    let rows: Vec<Row> = transaction.fetch_all(SQL, &[]).await?;
    rows.into_iter().map(Row::into_provider).collect()
}
