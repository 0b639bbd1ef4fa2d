//! The providers of the configuration file, put into the table in one transaction: all of them, or nothing.

use std::collections::BTreeSet;

use sealgate_shared::id::TenantId;
use sealgate_shared::time::UnixMillis;

use super::target::{Hand, Target};
use super::{ProviderRow, providers_of, providers_of_file};
use crate::oidc::{ProviderId, ProviderSecret, ProviderSettings};
use crate::store::audit::AuditEvent;
use crate::store::engine::Transaction;
use crate::store::{Store, StoreResult, tenants};

/// A provider of the file.
#[derive(Debug)]
pub struct FilePut<'a> {
    pub tenant: &'a TenantId,
    pub id: &'a ProviderId,
    pub settings: &'a ProviderSettings,
    pub secret: Option<&'a ProviderSecret>,
    /// The secret, to be stored.
    pub sealed: Option<Vec<u8>>,
    pub enabled: bool,
}

/// Something that the file has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adopted {
    pub tenant: TenantId,
    pub id: ProviderId,
    pub how: Adoption,
}

/// What has become of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adoption {
    Added,
    Changed,
    /// It was the operator's, and disabled: it is the file's now.
    TakenOver,
    /// It is in the file no more: disabled, and the operator's from now on.
    Released,
}

/// Why nothing was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAdopted {
    /// Because of which provider of the file, counted from 0.
    pub position: usize,
    pub fault: AdoptionFault,
}

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdoptionFault {
    NoTenant,
    /// People of this other provider could be taken for its own.
    Overlaps(ProviderId),
    /// One of the same id was added by an operator, and is enabled.
    IsTheOperators,
}

impl Store {
    /// Makes the table say what the file says. `is_same_secret` tells whether the row has the secret of the file.
    pub async fn adopt_oidc_providers(
        &self,
        file: &[FilePut<'_>],
        is_same_secret: &(dyn Fn(&ProviderRow, &FilePut<'_>) -> bool + Sync),
        now: UnixMillis,
    ) -> StoreResult<Result<Vec<Adopted>, NotAdopted>> {
        let mut transaction = self.write.begin().await?;
        let kept = providers_of_file(&mut transaction).await?;
        let of_rows = kept.iter().map(|row| &row.provider.tenant);
        // In their order, lest two origins that start at once wait for each other.
        let concerned: BTreeSet<&TenantId> = file.iter().map(|put| put.tenant).chain(of_rows).collect();
        let mut adopted = Vec::new();
        for tenant in concerned {
            let puts: Vec<(usize, &FilePut<'_>)> =
                file.iter().enumerate().filter(|(_, put)| put.tenant == tenant).collect();
            if !tenants::lock(&mut transaction, tenant).await? {
                match puts.first() {
                    Some(&(position, _)) => return Ok(Err(NotAdopted { position, fault: AdoptionFault::NoTenant })),
                    None => continue,
                }
            }
            let rows = providers_of(&mut transaction, tenant).await?;
            if let Some(fault) = find_fault(&rows, &puts) {
                return Ok(Err(fault));
            }
            for row in &rows {
                if row.provider.managed_by_file && !puts.iter().any(|(_, put)| *put.id == row.provider.id) {
                    release(&mut transaction, row, now).await?;
                    adopted.push(Adopted {
                        tenant: tenant.clone(),
                        id: row.provider.id.clone(),
                        how: Adoption::Released,
                    });
                }
            }
            for (_, put) in puts {
                let held = rows.iter().find(|row| row.provider.id == *put.id);
                let same_secret = held.is_some_and(|held| is_same_secret(held, put));
                let how = adopt(&mut transaction, held, put, same_secret, now).await?;
                adopted.extend(how.map(|how| Adopted { tenant: tenant.clone(), id: put.id.clone(), how }));
            }
        }
        transaction.commit().await?;
        Ok(Ok(adopted))
    }
}

/// Looks at a tenant's providers as they will be: those in the file no more will be disabled.
fn find_fault(rows: &[ProviderRow], puts: &[(usize, &FilePut<'_>)]) -> Option<NotAdopted> {
    let is_put = |id: &ProviderId| puts.iter().any(|(_, put)| put.id == id);
    let operators: Vec<_> =
        rows.iter().map(|row| &row.provider).filter(|held| held.enabled && !held.managed_by_file).collect();
    for (number, &(position, put)) in puts.iter().enumerate() {
        if operators.iter().any(|held| held.id == *put.id) {
            return Some(NotAdopted { position, fault: AdoptionFault::IsTheOperators });
        }
        if !put.enabled {
            continue;
        }
        let before = puts.iter().take(number).map(|(_, other)| other).filter(|other| other.enabled);
        let before = before.map(|other| (other.id, other.settings));
        let others = operators.iter().filter(|held| !is_put(&held.id)).map(|held| (&held.id, &held.settings));
        if let Some((other, _)) = before.chain(others).find(|(_, settings)| put.settings.clashes(settings)) {
            return Some(NotAdopted { position, fault: AdoptionFault::Overlaps(other.clone()) });
        }
    }
    None
}

async fn release(transaction: &mut Transaction, row: &ProviderRow, now: UnixMillis) -> StoreResult<()> {
    let target = Target { tenant: &row.provider.tenant, id: &row.provider.id, hand: Hand::File, now };
    target.set(transaction, false, false).await?;
    target.note(transaction, AuditEvent::ProviderDisabled, &[]).await
}

/// Makes one provider what the file says; what has become of it, if anything has.
async fn adopt(
    transaction: &mut Transaction,
    held: Option<&ProviderRow>,
    put: &FilePut<'_>,
    same_secret: bool,
    now: UnixMillis,
) -> StoreResult<Option<Adoption>> {
    let target = Target { tenant: put.tenant, id: put.id, hand: Hand::File, now };
    let Some(ProviderRow { provider: held, .. }) = held else {
        target.insert(transaction, put.settings, put.sealed.as_ref(), put.enabled).await?;
        target.note(transaction, AuditEvent::ProviderAdded, &[]).await?;
        return Ok(Some(Adoption::Added));
    };
    let mut changed = put.settings.name_changes(&held.settings);
    changed.extend((!same_secret).then_some("client_secret"));
    changed.extend((held.enabled != put.enabled).then_some("enabled"));
    changed.extend((!held.managed_by_file).then_some("managed_by_file"));
    if changed.is_empty() {
        // A start is not written down as a change.
        return Ok(None);
    }
    target.replace(transaction, put.settings).await?;
    target.set(transaction, put.enabled, true).await?;
    if !same_secret {
        target.set_secret(transaction, put.sealed.as_ref()).await?;
    }
    target.note(transaction, AuditEvent::ProviderChanged, &changed).await?;
    Ok(Some(if held.managed_by_file { Adoption::Changed } else { Adoption::TakenOver }))
}
