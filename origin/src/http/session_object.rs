//! A session as the API shows it.

use sealgate_shared::id::{ActorId, ActorType, Roles, SessionId, TenantId};
use sealgate_shared::time::UnixMillis;
use serde::Serialize;

use crate::iso8601;
use crate::session::Session;

/// What a backend sees, and `sealgate sessions --json`.
#[derive(Debug, Serialize)]
pub(crate) struct SessionObject {
    id: SessionId,
    tenant: TenantId,
    actor_type: ActorType,
    actor_id: ActorId,
    label: Option<String>,
    device_name: Option<String>,
    remember: bool,
    assurance: u8,
    roles: Roles,
    channel: &'static str,
    generation: u32,
    created_at: String,
    last_seen_at: String,
    authenticated_at: String,
    access_expires_at: String,
    idle_expires_at: String,
    absolute_expires_at: String,
    revoked_at: Option<String>,
    revoked_reason: Option<&'static str>,
    status: &'static str,
}

impl SessionObject {
    /// Shows a session as it is at `now`.
    pub(crate) fn new(session: Session, now: UnixMillis) -> Self {
        Self {
            status: session.status(now).as_str(),
            id: session.id,
            tenant: session.tenant,
            actor_type: session.actor.kind,
            actor_id: session.actor.id,
            label: session.label,
            device_name: session.device_name,
            remember: session.remember,
            assurance: session.assurance,
            roles: session.roles,
            channel: session.channel.as_str(),
            generation: session.generation,
            created_at: iso8601::format(session.created_at),
            last_seen_at: iso8601::format(session.last_seen_at),
            authenticated_at: iso8601::format(session.authenticated_at),
            access_expires_at: iso8601::format(session.access_expires_at),
            idle_expires_at: iso8601::format(session.idle_expires_at),
            absolute_expires_at: iso8601::format(session.absolute_expires_at),
            revoked_at: session.revoked.map(|revoked| iso8601::format(revoked.at)),
            revoked_reason: session.revoked.map(|revoked| revoked.reason.as_str()),
        }
    }
}

/// What the person whose session it is sees.
#[derive(Debug, Serialize)]
pub(super) struct OwnSession {
    id: SessionId,
    tenant: TenantId,
    actor_type: ActorType,
    actor_id: ActorId,
    label: Option<String>,
    device_name: Option<String>,
    assurance: u8,
    roles: Roles,
    authenticated_at: String,
    access_expires_at: String,
    idle_expires_at: String,
    absolute_expires_at: String,
    remember: bool,
}

impl From<Session> for OwnSession {
    fn from(session: Session) -> Self {
        Self {
            id: session.id,
            tenant: session.tenant,
            actor_type: session.actor.kind,
            actor_id: session.actor.id,
            label: session.label,
            device_name: session.device_name,
            assurance: session.assurance,
            roles: session.roles,
            authenticated_at: iso8601::format(session.authenticated_at),
            access_expires_at: iso8601::format(session.access_expires_at),
            idle_expires_at: iso8601::format(session.idle_expires_at),
            absolute_expires_at: iso8601::format(session.absolute_expires_at),
            remember: session.remember,
        }
    }
}

/// One of the places where a person is signed in, as they see it.
#[derive(Debug, Serialize)]
pub(super) struct DeviceObject {
    id: SessionId,
    label: Option<String>,
    device_name: Option<String>,
    channel: &'static str,
    created_at: String,
    last_seen_at: String,
    /// Whether it is the one that asks.
    current: bool,
    remember: bool,
    idle_expires_at: String,
    absolute_expires_at: String,
}

impl DeviceObject {
    /// Shows a session to its owner, who asks by the session `own`.
    pub(super) fn new(session: Session, own: SessionId) -> Self {
        Self {
            current: session.id == own,
            id: session.id,
            label: session.label,
            device_name: session.device_name,
            channel: session.channel.as_str(),
            created_at: iso8601::format(session.created_at),
            last_seen_at: iso8601::format(session.last_seen_at),
            remember: session.remember,
            idle_expires_at: iso8601::format(session.idle_expires_at),
            absolute_expires_at: iso8601::format(session.absolute_expires_at),
        }
    }
}
