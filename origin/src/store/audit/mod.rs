//! The table `audit`: what somebody may have to answer for. Rows are added, in the transaction of what they tell of;
//! linked, some seconds later; and neither changed nor deleted before they are old.

mod chain;
mod list;

use sealgate_shared::id::{SessionId, TenantId};
use sealgate_shared::time::UnixMillis;
use sqlx::types::Text;

use super::engine::{Bind, Transaction};
use super::timestamp::Timestamp;
use super::{Store, StoreResult};
use crate::session::{Actor, Session};

pub use chain::{AuditRecord, ChainLock, NewLink, StoredChain, StoredLink, Unlinked};
pub use list::{AuditFilter, AuditRow};

/// What has happened. The names never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditEvent {
    /// Somebody signed in, in whatever way; the detail tells which.
    SessionCreated,
    /// A session was ended; the detail tells why.
    SessionRevoked,
    /// A refresh token was shown that no honest client holds any more; the session was ended.
    SessionReuse,
    /// An answer to a refresh had been lost, and was given again.
    SessionLate,
    /// Sessions of an actor were ended together.
    ActorRevoked,
    /// What is known of an actor was changed.
    ActorChanged,
    /// Somebody did not get in; the detail tells through what and why.
    SignInFailed,
    /// A signing key took the place of another.
    KeyRotated,
    /// A signing key was revoked, and what it signed.
    KeyRevoked,
    /// A signing key was destroyed.
    KeyDestroyed,
    /// An OpenID provider was added.
    ProviderAdded,
    /// An OpenID provider was changed.
    ProviderChanged,
    /// People may sign in through the provider again.
    ProviderEnabled,
    /// Nobody signs in through the provider any more.
    ProviderDisabled,
    /// An OpenID provider was removed.
    ProviderRemoved,
    /// A provider ended sessions.
    BackChannelLogout,
    /// A logout that was no good came in the name of a provider.
    BackChannelRefused,
    /// An operator was given a password, or another one.
    BreakGlassSet,
    /// An operator's password was removed.
    BreakGlassRemoved,
    /// What keeps guesses apart was cleared for an operator.
    BreakGlassUnlocked,
    /// An operator signed in by password.
    BreakGlassUsed,
    /// Somebody tried to sign in as an operator.
    BreakGlassFailed,
    /// A tenant was made.
    TenantCreated,
    /// The host names of a tenant were changed.
    TenantHosts,
    /// A tenant was disabled, and its sessions ended.
    TenantDisabled,
    /// A tenant was enabled again.
    TenantEnabled,
    /// A tenant was deleted.
    TenantDeleted,
    /// A service token was made.
    TokenCreated,
    /// A service token was revoked.
    TokenRevoked,
    /// An edge was made.
    EdgeCreated,
    /// An edge was given another secret.
    EdgeRotated,
    /// An edge was revoked.
    EdgeRevoked,
}

impl AuditEvent {
    /// The name in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SessionCreated => "session.created",
            Self::SessionRevoked => "session.revoked",
            Self::SessionReuse => "session.reuse",
            Self::SessionLate => "session.late",
            Self::ActorRevoked => "actor.revoked",
            Self::ActorChanged => "actor.changed",
            Self::SignInFailed => "sign_in.failed",
            Self::KeyRotated => "key.rotated",
            Self::KeyRevoked => "key.revoked",
            Self::KeyDestroyed => "key.destroyed",
            Self::ProviderAdded => "provider.added",
            Self::ProviderChanged => "provider.changed",
            Self::ProviderEnabled => "provider.enabled",
            Self::ProviderDisabled => "provider.disabled",
            Self::ProviderRemoved => "provider.removed",
            Self::BackChannelLogout => "back_channel.logout",
            Self::BackChannelRefused => "back_channel.refused",
            Self::BreakGlassSet => "break_glass.set",
            Self::BreakGlassRemoved => "break_glass.removed",
            Self::BreakGlassUnlocked => "break_glass.unlocked",
            Self::BreakGlassUsed => "break_glass.used",
            Self::BreakGlassFailed => "break_glass.failed",
            Self::TenantCreated => "tenant.created",
            Self::TenantHosts => "tenant.hosts",
            Self::TenantDisabled => "tenant.disabled",
            Self::TenantEnabled => "tenant.enabled",
            Self::TenantDeleted => "tenant.deleted",
            Self::TokenCreated => "token.created",
            Self::TokenRevoked => "token.revoked",
            Self::EdgeCreated => "edge.created",
            Self::EdgeRotated => "edge.rotated",
            Self::EdgeRevoked => "edge.revoked",
        }
    }
}

/// What is written down.
#[derive(Clone, Copy, Debug)]
pub struct AuditEntry<'a> {
    pub tenant: &'a TenantId,
    pub event: AuditEvent,
    pub session: Option<SessionId>,
    pub actor: Option<&'a Actor>,
    /// A few words, never a secret or anything of a person but an actor's id.
    pub detail: Option<&'a str>,
}

impl<'a> AuditEntry<'a> {
    /// Something that concerns the tenant.
    pub const fn new(tenant: &'a TenantId, event: AuditEvent) -> Self {
        Self { tenant, event, session: None, actor: None, detail: None }
    }

    /// Something that happened to a session.
    pub const fn of_session(session: &'a Session, event: AuditEvent, detail: &'a str) -> Self {
        Self {
            tenant: &session.tenant,
            event,
            session: Some(session.id),
            actor: Some(&session.actor),
            detail: Some(detail),
        }
    }
}

impl Store {
    /// Writes down what is part of nothing else: something was tried, and came to nothing.
    pub async fn note(&self, entry: &AuditEntry<'_>, now: UnixMillis) -> StoreResult<()> {
        let mut transaction = self.write.begin().await?;
        add(&mut transaction, entry, now).await?;
        transaction.commit().await
    }
}

/// Adds a row, in the transaction of what it tells of.
pub(super) async fn add(transaction: &mut Transaction, entry: &AuditEntry<'_>, now: UnixMillis) -> StoreResult<()> {
    const SQL: &str = "insert into audit (at, tenant, event, session, actor_type, actor_id, detail) \
        values ($1, $2, $3, $4, $5, $6, $7)";
    let values: [&dyn Bind; 7] = [
        &Timestamp(now),
        &entry.tenant.as_str(),
        &entry.event.as_str(),
        &entry.session.map(Text),
        &entry.actor.map(|actor| Text(actor.kind.clone())),
        &entry.actor.map(|actor| Text(actor.id.clone())),
        &entry.detail.map(str::to_owned),
    ];
    transaction.execute(SQL, &values).await.map(drop)
}

/// Adds a row about what belongs to no single tenant.
pub(super) async fn add_at_large(
    transaction: &mut Transaction,
    event: AuditEvent,
    detail: &str,
    now: UnixMillis,
) -> StoreResult<()> {
    const SQL: &str = "insert into audit (at, tenant, event, detail) values ($1, '', $2, $3)";
    transaction.execute(SQL, &[&Timestamp(now), &event.as_str(), &detail]).await.map(drop)
}
