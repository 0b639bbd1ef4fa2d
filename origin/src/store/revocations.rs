//! The table `revocations`: what was revoked, in the order in which it became true.

use sealgate_shared::time::UnixMillis;
use sqlx::SqliteConnection;
use sqlx::types::Text;

use super::timestamp::Timestamp;
use super::{RevokeActor, StoreResult, counters};
use crate::session::Session;

/// How far a mark over an actor reaches.
#[derive(Clone, Copy, Debug)]
pub(super) struct ActorMark {
    /// Everything issued before this is refused.
    pub(super) issued_before: UnixMillis,
    /// When the last token it hits ends.
    pub(super) expires_at: UnixMillis,
}

/// Adds the entry of one session. Last in its transaction: see [`counters::next_revocation`].
pub(super) async fn add_session(
    connection: &mut SqliteConnection,
    session: &Session,
    now: UnixMillis,
) -> StoreResult<()> {
    const SQL: &str = "insert into revocations (sequence, kind, tenant, session, created_at, expires_at) \
        values ($1, 'session', $2, $3, $4, $5)";
    let sequence = counters::next_revocation(connection).await?;
    sqlx::query(SQL)
        .bind(sequence)
        .bind(session.tenant.as_str())
        .bind(Text(session.id))
        .bind(Timestamp(now))
        .bind(Timestamp(session.access_expires_at))
        .execute(connection)
        .await?;
    Ok(())
}

/// Adds one entry for everything of an actor. Last in its transaction as well.
pub(super) async fn add_actor(
    connection: &mut SqliteConnection,
    request: &RevokeActor<'_>,
    mark: ActorMark,
    now: UnixMillis,
) -> StoreResult<()> {
    const SQL: &str = "insert into revocations (sequence, kind, tenant, actor_type, actor_id, except_session, \
        issued_before, created_at, expires_at) values ($1, 'actor', $2, $3, $4, $5, $6, $7, $8)";
    let sequence = counters::next_revocation(connection).await?;
    sqlx::query(SQL)
        .bind(sequence)
        .bind(request.tenant.as_str())
        .bind(request.actor.kind.as_str())
        .bind(request.actor.id.as_str())
        .bind(request.except.map(Text))
        .bind(Timestamp(mark.issued_before))
        .bind(Timestamp(now))
        .bind(Timestamp(mark.expires_at))
        .execute(connection)
        .await?;
    Ok(())
}
