//! Ending sessions: the rows and the entry in the revocation sequence, in one transaction.

use sealgate_shared::id::{SessionId, TenantId};
use sealgate_shared::time::UnixMillis;
use sqlx::types::Text;

use super::end_several;
use super::row::{SessionRow, columns};
use crate::session::{Actor, RevokedReason, Session};
use crate::store::audit::{self, AuditEntry, AuditEvent};
use crate::store::engine::{Bind, Statement, Transaction};
use crate::store::revocations::{self, Mark, Whose};
use crate::store::timestamp::Timestamp;
use crate::store::{Store, StoreResult};

/// What came of revoking a session.
#[derive(Debug)]
pub enum RevokeOutcome {
    /// It was not revoked before.
    Revoked(Session),
    /// It was; nothing has changed.
    Already(Session),
    /// There is none of that id in the tenant.
    NotFound,
}

/// Which sessions to end.
#[derive(Debug)]
pub struct RevokeActor<'a> {
    pub tenant: &'a TenantId,
    pub actor: &'a Actor,
    /// The session that stays: the one the request came from.
    pub except: Option<SessionId>,
    pub reason: RevokedReason,
}

impl Store {
    /// Revokes one session.
    pub async fn revoke_session(
        &self,
        tenant: &TenantId,
        id: SessionId,
        reason: RevokedReason,
        now: UnixMillis,
    ) -> StoreResult<RevokeOutcome> {
        let mut transaction = self.write.begin().await?;
        let Some(session) = mark_one(&mut transaction, tenant, id, reason, now).await? else {
            drop(transaction);
            let found = self.session(tenant, id).await?;
            return Ok(found.map_or(RevokeOutcome::NotFound, RevokeOutcome::Already));
        };
        let entry = AuditEntry::of_session(&session, AuditEvent::SessionRevoked, reason.as_str());
        audit::add(&mut transaction, &entry, now).await?;
        let ended = revocations::Ended { tenant, session: id, issued_at: session.issued_at };
        revocations::add_session(&mut transaction, ended, now).await?;
        transaction.commit().await?;
        Ok(RevokeOutcome::Revoked(session))
    }

    /// Revokes every live session of an actor and answers which; `None`, and nothing is revoked, when the
    /// one to be kept is not a live session of that actor.
    pub async fn revoke_actor(
        &self,
        request: &RevokeActor<'_>,
        now: UnixMillis,
    ) -> StoreResult<Option<Vec<SessionId>>> {
        let mut transaction = self.write.begin().await?;
        if let Some(id) = request.except
            && !is_live(&mut transaction, request, id, now).await?
        {
            return Ok(None);
        }
        let ended = end_sessions(&mut transaction, request, now).await?;
        transaction.commit().await?;
        Ok(Some(ended))
    }
}

/// Revokes every live session of an actor but the one to be kept, and answers which. Last in its transaction: see
/// [`revocations::add_mark`].
pub(in crate::store) async fn end_sessions(
    transaction: &mut Transaction,
    request: &RevokeActor<'_>,
    now: UnixMillis,
) -> StoreResult<Vec<SessionId>> {
    let ended = mark_all(transaction, request, now).await?;
    let newest = ended.iter().map(|ended| ended.issued_at.0).max();
    if newest.is_some() {
        note_revoked(transaction, request, ended.len(), now).await?;
        let whose = Whose::Actor(request.actor, request.except);
        revocations::add_mark(transaction, &Mark { tenant: request.tenant, whose, newest }, now).await?;
    }
    Ok(ended.into_iter().map(|ended| ended.id.0).collect())
}

async fn mark_one(
    transaction: &mut Transaction,
    tenant: &TenantId,
    id: SessionId,
    reason: RevokedReason,
    now: UnixMillis,
) -> StoreResult<Option<Session>> {
    const SQL: &str = concat!(
        "update sessions set revoked_at = $1, revoked_reason = $2 \
         where id = $3 and tenant = $4 and pre_login = false and revoked_at is null returning ",
        columns!()
    );
    let values: [&dyn Bind; 4] = [&Timestamp(now), &reason.as_str(), &Text(id), &tenant.as_str()];
    let row: Option<SessionRow> = transaction.fetch_optional(SQL, &values).await?;
    Ok(row.map(Session::from))
}

async fn is_live(
    transaction: &mut Transaction,
    request: &RevokeActor<'_>,
    id: SessionId,
    now: UnixMillis,
) -> StoreResult<bool> {
    const SQL: &str = "select id from sessions where id = $1 and tenant = $2 and actor_type = $3 and actor_id = $4 \
        and pre_login = false and revoked_at is null and idle_expires_at > $5";
    let values: [&dyn Bind; 5] = [
        &Text(id),
        &request.tenant.as_str(),
        &request.actor.kind.as_str(),
        &request.actor.id.as_str(),
        &Timestamp(now),
    ];
    let found: Option<(Text<SessionId>,)> = transaction.fetch_optional(SQL, &values).await?;
    Ok(found.is_some())
}

/// Writes down that sessions of an actor were ended, all at once.
async fn note_revoked(
    transaction: &mut Transaction,
    request: &RevokeActor<'_>,
    count: usize,
    now: UnixMillis,
) -> StoreResult<()> {
    let reason = request.reason.as_str();
    let detail = match request.except {
        Some(kept) => format!("{reason}, {count} sessions, all but {kept}"),
        None => format!("{reason}, {count} sessions"),
    };
    let entry = AuditEntry::new(request.tenant, AuditEvent::ActorRevoked);
    audit::add(transaction, &AuditEntry { actor: Some(request.actor), detail: Some(&detail), ..entry }, now).await
}

/// What is known of a row that was just revoked.
#[derive(sqlx::FromRow)]
struct Ended {
    id: Text<SessionId>,
    issued_at: Timestamp,
}

/// Revokes the rows.
async fn mark_all(
    transaction: &mut Transaction,
    request: &RevokeActor<'_>,
    now: UnixMillis,
) -> StoreResult<Vec<Ended>> {
    const SQL: Statement =
        end_several!("tenant = $3 and actor_type = $4 and actor_id = $5 and id is distinct from $6", "id, issued_at");
    let values: [&dyn Bind; 6] = [
        &Timestamp(now),
        &request.reason.as_str(),
        &request.tenant.as_str(),
        &request.actor.kind.as_str(),
        &request.actor.id.as_str(),
        &request.except.map(Text),
    ];
    transaction.fetch_all(SQL, &values).await
}
