//! A session as the API shows it.

use sealgate_shared::id::{ActorId, ActorType, Roles, SessionId, TenantId};
use sealgate_shared::time::UnixMillis;
use serde::Serialize;
use utoipa::ToSchema;

use crate::iso8601;
use crate::session::{Method, Session};

/// What a backend sees, and `sealgate sessions --json`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct SessionObject {
    #[schema(value_type = String)]
    id: SessionId,
    #[schema(value_type = String)]
    tenant: TenantId,
    #[schema(value_type = String)]
    actor_type: ActorType,
    #[schema(value_type = String)]
    actor_id: ActorId,
    label: Option<String>,
    device_name: Option<String>,
    remember: bool,
    assurance: u8,
    #[schema(value_type = Vec<String>)]
    roles: Roles,
    channel: &'static str,
    /// How it came about; null for sessions that are older than this was written down.
    method: Option<&'static str>,
    generation: u32,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    last_seen_at: String,
    #[schema(format = DateTime)]
    authenticated_at: String,
    #[schema(format = DateTime)]
    access_expires_at: String,
    #[schema(format = DateTime)]
    idle_expires_at: String,
    #[schema(format = DateTime)]
    absolute_expires_at: String,
    #[schema(format = DateTime)]
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
            method: session.method.map(Method::as_str),
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
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OwnSession {
    #[schema(value_type = String)]
    id: SessionId,
    #[schema(value_type = String)]
    tenant: TenantId,
    #[schema(value_type = String)]
    actor_type: ActorType,
    #[schema(value_type = String)]
    actor_id: ActorId,
    label: Option<String>,
    device_name: Option<String>,
    assurance: u8,
    #[schema(value_type = Vec<String>)]
    roles: Roles,
    #[schema(format = DateTime)]
    authenticated_at: String,
    #[schema(format = DateTime)]
    access_expires_at: String,
    #[schema(format = DateTime)]
    idle_expires_at: String,
    #[schema(format = DateTime)]
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
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Device)]
pub(super) struct DeviceObject {
    #[schema(value_type = String)]
    id: SessionId,
    label: Option<String>,
    device_name: Option<String>,
    channel: &'static str,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    last_seen_at: String,
    /// Whether it is the one that asks.
    current: bool,
    remember: bool,
    #[schema(format = DateTime)]
    idle_expires_at: String,
    #[schema(format = DateTime)]
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
