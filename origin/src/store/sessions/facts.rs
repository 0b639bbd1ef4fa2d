//! What a question about a session is answered from.

use sealgate_shared::id::{ActorId, ActorType, SessionId, TenantId};
use sealgate_shared::revocation::Position;
use sealgate_shared::time::UnixMillis;
use sqlx::types::Text;

use crate::session::Actor;
use crate::store::timestamp::Timestamp;
use crate::store::{Store, StoreResult};

/// What a session's row says, and does not change but by a revocation.
#[derive(Clone, Debug)]
pub struct SessionFacts {
    pub tenant: TenantId,
    pub actor: Actor,
    pub absolute_expires_at: UnixMillis,
    pub revoked: bool,
    /// Where the sequence of revocations stood at the moment of reading: the row reflects all entries up to here.
    pub read_at: Position,
}

#[derive(sqlx::FromRow)]
struct FactsRow {
    tenant: Text<TenantId>,
    actor_type: Text<ActorType>,
    actor_id: Text<ActorId>,
    absolute_expires_at: Timestamp,
    revoked_at: Option<Timestamp>,
    epoch: i64,
    sequence: i64,
}

impl Store {
    /// Reads the facts of a session, and the position they are as of: one statement, so of one moment.
    pub async fn session_facts(&self, id: SessionId) -> StoreResult<Option<SessionFacts>> {
        const SQL: &str = "select tenant, actor_type, actor_id, absolute_expires_at, revoked_at, \
            (select value from counters where name = 'epoch') as epoch, \
            (select value from counters where name = 'revocations') as sequence \
            from sessions where id = $1 and pre_login = false";
        let row: Option<FactsRow> = self.read.fetch_optional(SQL, &[&Text(id)]).await?;
        Ok(row.map(SessionFacts::from))
    }
}

impl From<FactsRow> for SessionFacts {
    fn from(row: FactsRow) -> Self {
        Self {
            tenant: row.tenant.0,
            actor: Actor { kind: row.actor_type.0, id: row.actor_id.0 },
            absolute_expires_at: row.absolute_expires_at.0,
            revoked: row.revoked_at.is_some(),
            read_at: Position { epoch: row.epoch.unsigned_abs(), sequence: row.sequence.unsigned_abs() },
        }
    }
}
