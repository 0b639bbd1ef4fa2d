//! Changing providers by command or by the API: each change with what is written down about it, in one transaction.

use sealgate_shared::id::TenantId;
use sealgate_shared::time::UnixMillis;

use super::target::{Hand, Target};
use super::{ProviderRow, providers_of};
use crate::oidc::{ProviderId, ProviderSettings};
use crate::store::audit::AuditEvent;
use crate::store::{Store, StoreResult, tenants};

/// A change.
#[derive(Debug)]
pub enum ProviderChange<'a> {
    /// One that was not there.
    Add(ProviderPut<'a>),
    /// Other settings for one that is there.
    Replace(ProviderPut<'a>),
    Enable,
    Disable,
    Remove,
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
    /// People of this other provider, which is enabled, could be taken for its own.
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
        now: UnixMillis,
    ) -> StoreResult<ProviderOutcome> {
        let mut transaction = self.write.begin().await?;
        // One change of a tenant's providers at a time: each is judged by what the others are.
        if !tenants::lock(&mut transaction, tenant).await? {
            return Ok(ProviderOutcome::NoTenant);
        }
        let mut rows = providers_of(&mut transaction, tenant).await?;
        let held = rows.iter().position(|row| row.provider.id == *id).map(|position| rows.swap_remove(position));
        let Decision { event, changed } = match decide(held.as_ref(), &rows, change) {
            Ok(decision) => decision,
            Err(outcome) => return Ok(outcome),
        };
        let target = Target { tenant, id, hand: Hand::Operator, now };
        match change {
            ProviderChange::Add(put) => {
                let sealed = match &put.secret {
                    SecretChange::Set(sealed) => sealed.as_ref(),
                    SecretChange::Keep => None,
                };
                target.insert(&mut transaction, put.settings, sealed, true).await?;
            }
            ProviderChange::Replace(put) => {
                target.replace(&mut transaction, put.settings).await?;
                if let SecretChange::Set(sealed) = &put.secret {
                    target.set_secret(&mut transaction, sealed.as_ref()).await?;
                }
            }
            ProviderChange::Enable => target.set(&mut transaction, true, false).await?,
            ProviderChange::Disable => target.set(&mut transaction, false, false).await?,
            ProviderChange::Remove => target.delete(&mut transaction).await?,
        }
        target.note(&mut transaction, event, &changed).await?;
        transaction.commit().await?;
        Ok(ProviderOutcome::Done)
    }
}

/// What the change will be written down as.
struct Decision {
    event: AuditEvent,
    /// The names of the settings that it changes.
    changed: Vec<&'static str>,
}

/// What is to be done; else why there is nothing to be done.
fn decide(
    held: Option<&ProviderRow>,
    others: &[ProviderRow],
    change: &ProviderChange<'_>,
) -> Result<Decision, ProviderOutcome> {
    let mut changed = Vec::new();
    let (event, enabled) = match (held, change) {
        (None, ProviderChange::Add(put)) => (AuditEvent::ProviderAdded, Some(put.settings)),
        (Some(_), ProviderChange::Add(_)) => return Err(ProviderOutcome::Exists),
        (None, _) => return Err(ProviderOutcome::NotFound),
        (Some(held), _) if held.provider.managed_by_file => return Err(ProviderOutcome::ManagedByFile),
        (Some(held), ProviderChange::Replace(put)) => {
            changed = name_changes(held, put);
            let elsewhere = ["issuer", "client_id"].iter().any(|name| changed.contains(name));
            if elsewhere && held.sealed_secret.is_some() && matches!(put.secret, SecretChange::Keep) {
                return Err(ProviderOutcome::SecretNeeded);
            }
            if changed.is_empty() {
                return Err(ProviderOutcome::Unchanged);
            }
            (AuditEvent::ProviderChanged, held.provider.enabled.then_some(put.settings))
        }
        (Some(held), ProviderChange::Enable) if held.provider.enabled => return Err(ProviderOutcome::Unchanged),
        (Some(held), ProviderChange::Disable) if !held.provider.enabled => return Err(ProviderOutcome::Unchanged),
        (Some(held), ProviderChange::Enable) => (AuditEvent::ProviderEnabled, Some(&held.provider.settings)),
        (Some(_), ProviderChange::Disable) => (AuditEvent::ProviderDisabled, None),
        (Some(_), ProviderChange::Remove) => (AuditEvent::ProviderRemoved, None),
    };
    let others = others.iter().map(|row| &row.provider).filter(|other| other.enabled);
    let clashing = enabled.and_then(|settings| others.into_iter().find(|other| settings.clashes(&other.settings)));
    match clashing {
        Some(other) => Err(ProviderOutcome::Overlaps(other.id.clone())),
        None => Ok(Decision { event, changed }),
    }
}

/// A secret that is given counts as another: what is sealed cannot be compared here.
fn name_changes(held: &ProviderRow, put: &ProviderPut<'_>) -> Vec<&'static str> {
    let mut changed = put.settings.name_changes(&held.provider.settings);
    let secret = match &put.secret {
        SecretChange::Keep => false,
        SecretChange::Set(sealed) => sealed.is_some() || held.sealed_secret.is_some(),
    };
    changed.extend(secret.then_some("client_secret"));
    changed
}
