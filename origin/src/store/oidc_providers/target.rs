//! Writing a provider's row, and what is written down about it.

use sealgate_shared::id::TenantId;
use sealgate_shared::time::UnixMillis;

use super::row::write_settings;
use crate::oidc::{ProviderId, ProviderSettings};
use crate::store::StoreResult;
use crate::store::audit::{self, AuditEntry, AuditEvent};
use crate::store::engine::{Bind, Transaction};
use crate::store::timestamp::Timestamp;

/// Who changes providers: those of the file are changed in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hand {
    /// By command or by the API.
    Operator,
    /// What the configuration file says.
    File,
}

/// Which provider is changed, by whom and when.
pub(super) struct Target<'a> {
    pub(super) tenant: &'a TenantId,
    pub(super) id: &'a ProviderId,
    pub(super) hand: Hand,
    pub(super) now: UnixMillis,
}

impl Target<'_> {
    pub(super) async fn insert(
        &self,
        transaction: &mut Transaction,
        settings: &ProviderSettings,
        sealed: Option<&Vec<u8>>,
        enabled: bool,
    ) -> StoreResult<()> {
        const SQL: &str = "insert into oidc_providers (tenant, id, name, issuer, client_id, sealed_secret, settings, \
            enabled, managed_by_file, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)";
        let values: [&dyn Bind; 10] = [
            &self.tenant.as_str(),
            &self.id.as_str(),
            &settings.name,
            &settings.issuer.as_str(),
            &settings.client_id,
            &sealed.cloned(),
            &write_settings(settings),
            &enabled,
            &(self.hand == Hand::File),
            &Timestamp(self.now),
        ];
        transaction.execute(SQL, &values).await.map(drop)
    }

    pub(super) async fn replace(&self, transaction: &mut Transaction, settings: &ProviderSettings) -> StoreResult<()> {
        const SQL: &str = "update oidc_providers set name = $3, issuer = $4, client_id = $5, settings = $6, \
            updated_at = $7 where tenant = $1 and id = $2";
        let values: [&dyn Bind; 7] = [
            &self.tenant.as_str(),
            &self.id.as_str(),
            &settings.name,
            &settings.issuer.as_str(),
            &settings.client_id,
            &write_settings(settings),
            &Timestamp(self.now),
        ];
        transaction.execute(SQL, &values).await.map(drop)
    }

    pub(super) async fn set_secret(&self, transaction: &mut Transaction, sealed: Option<&Vec<u8>>) -> StoreResult<()> {
        const SQL: &str = "update oidc_providers set sealed_secret = $3 where tenant = $1 and id = $2";
        let values: [&dyn Bind; 3] = [&self.tenant.as_str(), &self.id.as_str(), &sealed.cloned()];
        transaction.execute(SQL, &values).await.map(drop)
    }

    pub(super) async fn set(
        &self,
        transaction: &mut Transaction,
        enabled: bool,
        managed_by_file: bool,
    ) -> StoreResult<()> {
        const SQL: &str = "update oidc_providers set enabled = $3, managed_by_file = $4, updated_at = $5 \
            where tenant = $1 and id = $2";
        let values: [&dyn Bind; 5] =
            [&self.tenant.as_str(), &self.id.as_str(), &enabled, &managed_by_file, &Timestamp(self.now)];
        transaction.execute(SQL, &values).await.map(drop)
    }

    pub(super) async fn delete(&self, transaction: &mut Transaction) -> StoreResult<()> {
        const SQL: &str = "delete from oidc_providers where tenant = $1 and id = $2";
        transaction.execute(SQL, &[&self.tenant.as_str(), &self.id.as_str()]).await.map(drop)
    }

    /// Writes down what happened, and the names of the settings that were changed: never what they are.
    pub(super) async fn note(
        &self,
        transaction: &mut Transaction,
        event: AuditEvent,
        changed: &[&str],
    ) -> StoreResult<()> {
        let colon = if changed.is_empty() { "" } else { ": " };
        let by_file = if self.hand == Hand::File { " (by the file)" } else { "" };
        let detail = format!("{}{colon}{}{by_file}", self.id, changed.join(", "));
        let entry = AuditEntry { detail: Some(&detail), ..AuditEntry::new(self.tenant, event) };
        audit::add(transaction, &entry, self.now).await
    }
}
