//! The table `audit`: what somebody may have to answer for. Rows are added, in the transaction of what they tell of, and
//! neither changed nor deleted.

use sealgate_shared::id::{ActorId, ActorType, SessionId, TenantId};
use sealgate_shared::time::UnixMillis;
use sqlx::types::Text;

use super::engine::{Bind, Transaction};
use super::timestamp::Timestamp;
use super::{Store, StoreResult};
use crate::session::{Actor, Session};

/// What has happened. The names never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditEvent {
    /// A refresh token was shown that no honest client holds any more; the session was ended.
    SessionReuse,
    /// An answer to a refresh had been lost, and was given again.
    SessionLate,
}

impl AuditEvent {
    /// The name in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SessionReuse => "session.reuse",
            Self::SessionLate => "session.late",
        }
    }
}

/// A row as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    pub id: i64,
    pub at: UnixMillis,
    pub tenant: TenantId,
    /// A name that may be newer than this program.
    pub event: String,
    pub session: Option<SessionId>,
    pub actor: Option<Actor>,
    pub detail: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    at: Timestamp,
    tenant: Text<TenantId>,
    event: String,
    session: Option<Text<SessionId>>,
    actor_type: Option<Text<ActorType>>,
    actor_id: Option<Text<ActorId>>,
    detail: Option<String>,
}

impl Store {
    /// What was written down, newest first; of one tenant, or of all.
    pub async fn audit(&self, tenant: Option<&TenantId>, limit: u32) -> StoreResult<Vec<AuditRow>> {
        const ALL: &str = "select id, at, tenant, event, session, actor_type, actor_id, detail from audit \
            order by id desc limit $1";
        const OF_TENANT: &str = "select id, at, tenant, event, session, actor_type, actor_id, detail from audit \
            where tenant = $2 order by id desc limit $1";
        let limit = i64::from(limit);
        let rows: Vec<Row> = match tenant {
            None => self.read.fetch_all(ALL, &[&limit]).await?,
            Some(tenant) => self.read.fetch_all(OF_TENANT, &[&limit, &tenant.as_str()]).await?,
        };
        Ok(rows.into_iter().map(AuditRow::from).collect())
    }
}

/// Adds what has happened to a session.
pub(super) async fn add(
    transaction: &mut Transaction,
    event: AuditEvent,
    session: &Session,
    detail: &str,
    now: UnixMillis,
) -> StoreResult<()> {
    const SQL: &str = "insert into audit (at, tenant, event, session, actor_type, actor_id, detail) \
        values ($1, $2, $3, $4, $5, $6, $7)";
    let values: [&dyn Bind; 7] = [
        &Timestamp(now),
        &session.tenant.as_str(),
        &event.as_str(),
        &Text(session.id),
        &session.actor.kind.as_str(),
        &session.actor.id.as_str(),
        &detail,
    ];
    transaction.execute(SQL, &values).await.map(drop)
}

impl From<Row> for AuditRow {
    fn from(row: Row) -> Self {
        let actor = row.actor_type.zip(row.actor_id).map(|(kind, id)| Actor { kind: kind.0, id: id.0 });
        Self {
            id: row.id,
            at: row.at.0,
            tenant: row.tenant.0,
            event: row.event,
            session: row.session.map(|session| session.0),
            actor,
            detail: row.detail,
        }
    }
}
