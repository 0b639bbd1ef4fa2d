//! A row of the table, and the session it stands for.

use std::net::IpAddr;
use std::str::FromStr;

use sealgate_shared::id::{ActorId, ActorType, IdError, KeyId, Role, Roles, SessionId, TenantId};
use sqlx::types::Text;

use crate::session::{Actor, Channel, IdpLink, Method, Revoked, RevokedReason, Session};
use crate::store::timestamp::Timestamp;

/// The columns of [`SessionRow`], for every statement that reads one.
macro_rules! columns {
    () => {
        "id, tenant, actor_type, actor_id, generation, previous_generation, issued_at, access_expires_at, \
         signing_key, previous_signing_key, presented, answered_late_at, channel, \
         idle_expires_at, absolute_expires_at, created_at, last_seen_at, authenticated_at, remember, assurance, \
         roles, fingerprint, device_name, label, ip, user_agent, method, idp_issuer, idp_subject, idp_sid, revoked_at, \
         revoked_reason"
    };
}
pub(super) use columns;

/// A session as its row has it.
#[derive(sqlx::FromRow)]
pub(super) struct SessionRow {
    id: Text<SessionId>,
    tenant: Text<TenantId>,
    actor_type: Text<ActorType>,
    actor_id: Text<ActorId>,
    generation: i64,
    previous_generation: Option<i64>,
    issued_at: Timestamp,
    access_expires_at: Timestamp,
    signing_key: Text<KeyId>,
    previous_signing_key: Option<Text<KeyId>>,
    presented: bool,
    answered_late_at: Option<Timestamp>,
    channel: Text<Channel>,
    idle_expires_at: Timestamp,
    absolute_expires_at: Timestamp,
    created_at: Timestamp,
    last_seen_at: Timestamp,
    authenticated_at: Timestamp,
    remember: bool,
    assurance: i64,
    roles: Text<RolesColumn>,
    fingerprint: Option<Vec<u8>>,
    device_name: Option<String>,
    label: Option<String>,
    ip: Option<Text<IpAddr>>,
    user_agent: Option<String>,
    method: Option<Text<Method>>,
    idp_issuer: Option<String>,
    idp_subject: Option<String>,
    idp_sid: Option<String>,
    revoked_at: Option<Timestamp>,
    revoked_reason: Option<Text<RevokedReason>>,
}

impl From<SessionRow> for Session {
    fn from(row: SessionRow) -> Self {
        let provider = row.idp_issuer.zip(row.idp_subject);
        Self {
            id: row.id.0,
            tenant: row.tenant.0,
            actor: Actor { kind: row.actor_type.0, id: row.actor_id.0 },
            // The table's checks say that all three fit.
            generation: u32::try_from(row.generation).unwrap_or(u32::MAX),
            previous_generation: row
                .previous_generation
                .map(|generation| u32::try_from(generation).unwrap_or(u32::MAX)),
            issued_at: row.issued_at.0,
            access_expires_at: row.access_expires_at.0,
            signing_key: row.signing_key.0,
            previous_signing_key: row.previous_signing_key.map(|key| key.0),
            presented: row.presented,
            answered_late_at: row.answered_late_at.map(|at| at.0),
            channel: row.channel.0,
            method: row.method.map(|method| method.0),
            idp: provider.map(|(issuer, subject)| IdpLink { issuer, subject, sid: row.idp_sid }),
            idle_expires_at: row.idle_expires_at.0,
            absolute_expires_at: row.absolute_expires_at.0,
            created_at: row.created_at.0,
            last_seen_at: row.last_seen_at.0,
            authenticated_at: row.authenticated_at.0,
            remember: row.remember,
            assurance: u8::try_from(row.assurance).unwrap_or(u8::MIN),
            roles: row.roles.0.0,
            // The table's check says that it has 32 bytes.
            fingerprint: row.fingerprint.and_then(|hash| hash.try_into().ok()),
            device_name: row.device_name,
            label: row.label,
            ip: row.ip.map(|ip| ip.0),
            user_agent: row.user_agent,
            // The table's check says that both are there or neither.
            revoked: row.revoked_at.zip(row.revoked_reason).map(|(at, reason)| Revoked { at: at.0, reason: reason.0 }),
        }
    }
}

/// Roles between commas; no role contains one.
pub(in crate::store) struct RolesColumn(Roles);

impl RolesColumn {
    pub(in crate::store) fn into_roles(self) -> Roles {
        self.0
    }
}

impl FromStr for RolesColumn {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let roles = text.split(',').filter(|role| !role.is_empty()).map(Role::from_str);
        Roles::new(roles.collect::<Result<_, _>>()?).map(Self)
    }
}
