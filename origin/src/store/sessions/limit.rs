//! Keeping an actor within the number of live sessions that is allowed.

use sealgate_shared::id::{SessionId, TenantId};
use sealgate_shared::time::UnixMillis;
use sqlx::types::Text;

use super::end_several;
use crate::session::{Actor, RevokedReason};
use crate::store::audit::{self, AuditEntry, AuditEvent};
use crate::store::engine::{Bind, Statement, Transaction};
use crate::store::revocations;
use crate::store::timestamp::Timestamp;
use crate::store::{Store, StoreResult};

/// How many sessions end for one new one at most. More are too many only where the limit was lowered; they end with the
/// next ones, and no transaction becomes long.
const MOST: i64 = 16;

/// Whose sessions are to be how many.
#[derive(Debug)]
pub struct LimitSessions<'a> {
    pub tenant: &'a TenantId,
    pub actor: &'a Actor,
    /// The session that was just made: it stays, whatever the clocks of several origins say about which was used last.
    pub newest: SessionId,
    /// How many there may be, that one included.
    pub limit: u32,
}

#[derive(sqlx::FromRow)]
struct Ended {
    id: Text<SessionId>,
    issued_at: Timestamp,
}

impl Store {
    /// Ends those live sessions of the actor that were used the longest ago, as many as there are too many; which.
    pub async fn limit_sessions(&self, request: &LimitSessions<'_>, now: UnixMillis) -> StoreResult<Vec<SessionId>> {
        let mut transaction = self.write.begin().await?;
        let ended = end_surplus(&mut transaction, request, now).await?;
        for Ended { id, .. } in &ended {
            let entry = AuditEntry::new(request.tenant, AuditEvent::SessionRevoked);
            let detail = Some(RevokedReason::SessionLimit.as_str());
            let entry = AuditEntry { session: Some(id.0), actor: Some(request.actor), detail, ..entry };
            audit::add(&mut transaction, &entry, now).await?;
        }
        for Ended { id, issued_at } in &ended {
            let ended = revocations::Ended { tenant: request.tenant, session: id.0, issued_at: issued_at.0 };
            revocations::add_session(&mut transaction, ended, now).await?;
        }
        transaction.commit().await?;
        Ok(ended.into_iter().map(|ended| ended.id.0).collect())
    }
}

async fn end_surplus(
    transaction: &mut Transaction,
    request: &LimitSessions<'_>,
    now: UnixMillis,
) -> StoreResult<Vec<Ended>> {
    // What another process has ended meanwhile is not ended again: hence the condition twice, here and around it.
    const SQL: Statement = end_several!(
        "id in (select id from sessions where tenant = $3 and actor_type = $4 and actor_id = $5 and pre_login = false \
         and revoked_at is null and idle_expires_at > $1 and id <> $6 \
         order by last_seen_at desc, created_at desc, id desc limit $7 offset $8)",
        "id, issued_at"
    );
    let values: [&dyn Bind; 8] = [
        &Timestamp(now),
        &RevokedReason::SessionLimit.as_str(),
        &request.tenant.as_str(),
        &request.actor.kind.as_str(),
        &request.actor.id.as_str(),
        &Text(request.newest),
        &MOST,
        &i64::from(request.limit.saturating_sub(1)),
    ];
    transaction.fetch_all(SQL, &values).await
}
