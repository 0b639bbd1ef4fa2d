//! Changing providers: each change with what is written down about it, in one transaction.

use sealgate_shared::id::TenantId;
use sealgate_shared::time::UnixMillis;

use super::row::write_settings;
use super::{ProviderRow, providers_of};
use crate::oidc::{ProviderId, ProviderSettings};
use crate::store::audit::{self, AuditEntry, AuditEvent};
use crate::store::engine::{Bind, Transaction};
use crate::store::timestamp::Timestamp;
use crate::store::{Store, StoreResult, tenants};

/// Who changes providers: those of the file are changed in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderHand {
    /// By command or by the API.
    Operator,
    /// What the configuration file says.
    File,
}

/// A change.
#[derive(Debug)]
pub enum ProviderChange<'a> {
    /// One that was not there.
    Add(ProviderPut<'a>),
    /// Other settings for one that is there.
    Replace(ProviderPut<'a>),
    /// By the file: whether it was there or not. From now on it is the file's.
    AddOrReplace(ProviderPut<'a>, bool),
    Enable,
    Disable,
    Remove,
    /// By the file, where it is no more: disabled, and the operator's from now on.
    Release,
}

/// What a provider is to be.
#[derive(Debug)]
pub struct ProviderPut<'a> {
    pub settings: &'a ProviderSettings,
    pub secret: SecretChange,
}

/// What becomes of a provider's secret.
#[derive(Debug)]
pub enum SecretChange {
    Keep,
    /// It is this one, sealed; or none.
    Set(Option<Vec<u8>>),
}

/// What came of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderOutcome {
    Done,
    /// It is so already.
    Unchanged,
    NotFound,
    Exists,
    /// It is kept in the file.
    ManagedByFile,
    /// The secret was for another issuer or client: whoever is not told it may not have it sent elsewhere.
    SecretNeeded,
    /// People of this other provider could be taken for its own.
    Overlaps(ProviderId),
    /// There is no such tenant.
    NoTenant,
}

impl Store {
    /// Changes a provider.
    pub async fn change_oidc_provider(
        &self,
        tenant: &TenantId,
        id: &ProviderId,
        change: &ProviderChange<'_>,
        hand: ProviderHand,
        now: UnixMillis,
    ) -> StoreResult<ProviderOutcome> {
        let mut transaction = self.write.begin().await?;
        // One change of a tenant's providers at a time: each is judged by what the others are.
        if !tenants::lock(&mut transaction, tenant).await? {
            return Ok(ProviderOutcome::NoTenant);
        }
        let mut rows = providers_of(&mut transaction, tenant).await?;
        let held = rows.iter().position(|row| row.provider.id == *id).map(|position| rows.swap_remove(position));
        let event = match decide(held.as_ref(), &rows, change, hand) {
            Ok(event) => event,
            Err(outcome) => return Ok(outcome),
        };
        let target = Target { tenant, id, hand, now };
        match change {
            ProviderChange::Add(put) => target.insert(&mut transaction, put, true).await?,
            ProviderChange::AddOrReplace(put, enabled) if held.is_none() => {
                target.insert(&mut transaction, put, *enabled).await?;
            }
            ProviderChange::Replace(put) => target.replace(&mut transaction, put).await?,
            ProviderChange::AddOrReplace(put, enabled) => {
                target.replace(&mut transaction, put).await?;
                target.set(&mut transaction, *enabled, true).await?;
            }
            ProviderChange::Enable => target.set(&mut transaction, true, false).await?,
            ProviderChange::Disable | ProviderChange::Release => target.set(&mut transaction, false, false).await?,
            ProviderChange::Remove => target.delete(&mut transaction).await?,
        }
        target.note(&mut transaction, event).await?;
        transaction.commit().await?;
        Ok(ProviderOutcome::Done)
    }
}

/// What the change will be written down as; else why there is nothing to be done.
fn decide(
    held: Option<&ProviderRow>,
    others: &[ProviderRow],
    change: &ProviderChange<'_>,
    hand: ProviderHand,
) -> Result<AuditEvent, ProviderOutcome> {
    let put = match change {
        ProviderChange::Add(put) | ProviderChange::Replace(put) | ProviderChange::AddOrReplace(put, _) => Some(put),
        _ => None,
    };
    match (held, change) {
        (Some(_), ProviderChange::Add(_)) => return Err(ProviderOutcome::Exists),
        (None, ProviderChange::Add(_) | ProviderChange::AddOrReplace(..)) => {}
        (None, _) => return Err(ProviderOutcome::NotFound),
        (Some(held), _) if held.provider.managed_by_file && hand == ProviderHand::Operator => {
            return Err(ProviderOutcome::ManagedByFile);
        }
        (Some(held), ProviderChange::Enable) if held.provider.enabled => return Err(ProviderOutcome::Unchanged),
        (Some(held), ProviderChange::Disable) if !held.provider.enabled => return Err(ProviderOutcome::Unchanged),
        (Some(held), ProviderChange::Replace(put)) if keeps_for_another(held, put) => {
            return Err(ProviderOutcome::SecretNeeded);
        }
        (Some(_), _) => {}
    }
    if let Some(put) = put {
        let overlapping = others.iter().map(|row| &row.provider).find(|other| {
            put.settings.overlaps(&other.settings) && !put.settings.shares_actors && !other.settings.shares_actors
        });
        if let Some(other) = overlapping {
            return Err(ProviderOutcome::Overlaps(other.id.clone()));
        }
    }
    Ok(match (held, change) {
        (None, _) | (_, ProviderChange::Add(_)) => AuditEvent::ProviderAdded,
        (_, ProviderChange::Replace(_) | ProviderChange::AddOrReplace(..)) => AuditEvent::ProviderChanged,
        (_, ProviderChange::Enable) => AuditEvent::ProviderEnabled,
        (_, ProviderChange::Disable | ProviderChange::Release) => AuditEvent::ProviderDisabled,
        (_, ProviderChange::Remove) => AuditEvent::ProviderRemoved,
    })
}

/// Whether the secret would stay while it changes to whom it is shown.
fn keeps_for_another(held: &ProviderRow, put: &ProviderPut<'_>) -> bool {
    let settings = &held.provider.settings;
    let same = settings.issuer == put.settings.issuer && settings.client_id == put.settings.client_id;
    held.sealed_secret.is_some() && matches!(put.secret, SecretChange::Keep) && !same
}

/// Which provider is changed, by whom and when.
struct Target<'a> {
    tenant: &'a TenantId,
    id: &'a ProviderId,
    hand: ProviderHand,
    now: UnixMillis,
}

impl Target<'_> {
    async fn insert(&self, transaction: &mut Transaction, put: &ProviderPut<'_>, enabled: bool) -> StoreResult<()> {
        const SQL: &str = "insert into oidc_providers (tenant, id, name, issuer, client_id, sealed_secret, settings, \
            enabled, managed_by_file, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)";
        let sealed = match &put.secret {
            SecretChange::Set(sealed) => sealed.clone(),
            SecretChange::Keep => None,
        };
        let values: [&dyn Bind; 10] = [
            &self.tenant.as_str(),
            &self.id.as_str(),
            &put.settings.name,
            &put.settings.issuer.as_str(),
            &put.settings.client_id,
            &sealed,
            &write_settings(put.settings),
            &enabled,
            &(self.hand == ProviderHand::File),
            &Timestamp(self.now),
        ];
        transaction.execute(SQL, &values).await.map(drop)
    }

    async fn replace(&self, transaction: &mut Transaction, put: &ProviderPut<'_>) -> StoreResult<()> {
        const SQL: &str = "update oidc_providers set name = $3, issuer = $4, client_id = $5, settings = $6, \
            updated_at = $7 where tenant = $1 and id = $2";
        let values: [&dyn Bind; 7] = [
            &self.tenant.as_str(),
            &self.id.as_str(),
            &put.settings.name,
            &put.settings.issuer.as_str(),
            &put.settings.client_id,
            &write_settings(put.settings),
            &Timestamp(self.now),
        ];
        transaction.execute(SQL, &values).await?;
        match &put.secret {
            SecretChange::Set(sealed) => self.set_secret(transaction, sealed.as_ref()).await,
            SecretChange::Keep => Ok(()),
        }
    }

    async fn set_secret(&self, transaction: &mut Transaction, sealed: Option<&Vec<u8>>) -> StoreResult<()> {
        const SQL: &str = "update oidc_providers set sealed_secret = $3 where tenant = $1 and id = $2";
        let values: [&dyn Bind; 3] = [&self.tenant.as_str(), &self.id.as_str(), &sealed.cloned()];
        transaction.execute(SQL, &values).await.map(drop)
    }

    async fn set(&self, transaction: &mut Transaction, enabled: bool, managed_by_file: bool) -> StoreResult<()> {
        const SQL: &str = "update oidc_providers set enabled = $3, managed_by_file = $4, updated_at = $5 \
            where tenant = $1 and id = $2";
        let values: [&dyn Bind; 5] =
            [&self.tenant.as_str(), &self.id.as_str(), &enabled, &managed_by_file, &Timestamp(self.now)];
        transaction.execute(SQL, &values).await.map(drop)
    }

    async fn delete(&self, transaction: &mut Transaction) -> StoreResult<()> {
        const SQL: &str = "delete from oidc_providers where tenant = $1 and id = $2";
        transaction.execute(SQL, &[&self.tenant.as_str(), &self.id.as_str()]).await.map(drop)
    }

    async fn note(&self, transaction: &mut Transaction, event: AuditEvent) -> StoreResult<()> {
        let by_file = if self.hand == ProviderHand::File { " (by the file)" } else { "" };
        let detail = format!("{}{by_file}", self.id);
        let entry = AuditEntry { detail: Some(&detail), ..AuditEntry::new(self.tenant, event) };
        audit::add(transaction, &entry, self.now).await
    }
}
