//! The table `audit`: what somebody may have to answer for. Rows are added, in the transaction of what they tell of;
//! linked, some seconds later; and neither changed nor deleted before they are old.

mod chain;
mod list;
mod untold;

use sealgate_shared::id::{SessionId, TenantId};
use sealgate_shared::time::UnixMillis;
use sqlx::types::Text;

use super::engine::{Bind, Transaction};
use super::timestamp::Timestamp;
use super::{Store, StoreResult};
use crate::session::{Actor, Session};

pub use chain::{AuditRecord, ChainLock, NewLink, StoredChain, StoredLink, Unlinked};
pub use list::{AuditFilter, AuditRow};

macro_rules! events {
    ($($(#[$meaning:meta])* $event:ident = $name:literal,)*) => {
        /// What has happened. The names never change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum AuditEvent {
            $($(#[$meaning])* $event,)*
        }

        impl AuditEvent {
            /// The names of all there are.
            pub const NAMES: &[&'static str] = &[$($name,)*];

            /// The name in the database.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$event => $name,)*
                }
            }
        }
    };
}

events! {
    /// Somebody signed in, in whatever way; the detail tells which.
    SessionCreated = "session.created",
    /// A session was ended; the detail tells why.
    SessionRevoked = "session.revoked",
    /// A refresh token was shown that no honest client holds any more; the session was ended.
    SessionReuse = "session.reuse",
    /// An answer to a refresh had been lost, and was given again.
    SessionLate = "session.late",
    /// Sessions of an actor were ended together.
    ActorRevoked = "actor.revoked",
    /// What is known of an actor was changed.
    ActorChanged = "actor.changed",
    /// Somebody did not get in; the detail tells through what and why.
    SignInFailed = "sign_in.failed",
    /// A signing key took the place of another.
    KeyRotated = "key.rotated",
    /// A signing key was revoked, and what it signed.
    KeyRevoked = "key.revoked",
    /// A signing key was destroyed.
    KeyDestroyed = "key.destroyed",
    /// An OpenID provider was added.
    ProviderAdded = "provider.added",
    /// An OpenID provider was changed.
    ProviderChanged = "provider.changed",
    /// People may sign in through the provider again.
    ProviderEnabled = "provider.enabled",
    /// Nobody signs in through the provider any more.
    ProviderDisabled = "provider.disabled",
    /// An OpenID provider was removed.
    ProviderRemoved = "provider.removed",
    /// A provider ended sessions.
    BackChannelLogout = "back_channel.logout",
    /// A logout that was no good came in the name of a provider.
    BackChannelRefused = "back_channel.refused",
    /// An operator was given a password, or another one.
    BreakGlassSet = "break_glass.set",
    /// An operator's password was removed.
    BreakGlassRemoved = "break_glass.removed",
    /// What keeps guesses apart was cleared for an operator.
    BreakGlassUnlocked = "break_glass.unlocked",
    /// An operator signed in by password.
    BreakGlassUsed = "break_glass.used",
    /// Somebody tried to sign in as an operator.
    BreakGlassFailed = "break_glass.failed",
    /// A tenant was made.
    TenantCreated = "tenant.created",
    /// The host names of a tenant were changed.
    TenantHosts = "tenant.hosts",
    /// A tenant was disabled, and its sessions ended.
    TenantDisabled = "tenant.disabled",
    /// A tenant was enabled again.
    TenantEnabled = "tenant.enabled",
    /// A tenant was deleted.
    TenantDeleted = "tenant.deleted",
    /// A service token was made.
    TokenCreated = "token.created",
    /// A service token was revoked.
    TokenRevoked = "token.revoked",
    /// An edge was made.
    EdgeCreated = "edge.created",
    /// An edge was given another secret.
    EdgeRotated = "edge.rotated",
    /// An edge was revoked.
    EdgeRevoked = "edge.revoked",
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
