//! The table `revocations`: what was revoked, in the order in which it became true.
//!
//! An entry stays until no token that it concerns can be alive. How long that is does not come from a setting: no
//! token ever lived longer than the longest lifetime this installation was set to.

use sealgate_shared::id::{KeyId, SessionId, TenantId};
use sealgate_shared::time::UnixMillis;
use sqlx::types::Text;

use super::engine::{Bind, Transaction};
use super::timestamp::Timestamp;
use super::{StoreResult, counters};
use crate::session::Actor;

/// One entry for many sessions: whatever was issued before a moment is refused.
#[derive(Debug)]
pub(super) struct Mark<'a> {
    pub(super) tenant: &'a TenantId,
    pub(super) whose: Whose<'a>,
    /// When the newest of the tokens was issued that the mark must hit, whatever clock that was by.
    pub(super) newest: Option<UnixMillis>,
}

/// Which of a tenant's tokens a mark hits.
#[derive(Clone, Copy, Debug)]
pub(super) enum Whose<'a> {
    /// Those of one actor, but for the session that stays.
    Actor(&'a Actor, Option<SessionId>),
    /// Those that one key signed.
    Key(KeyId),
    /// All.
    Tenant,
}

impl Mark<'_> {
    fn issued_before(&self, now: UnixMillis) -> UnixMillis {
        self.newest.map_or(now, |newest| now.max(newest.plus(1)))
    }
}

impl<'a> Whose<'a> {
    const fn kind(self) -> &'static str {
        match self {
            Self::Actor(..) => "actor",
            Self::Key(_) => "key",
            Self::Tenant => "tenant",
        }
    }

    const fn actor(self) -> Option<&'a Actor> {
        if let Self::Actor(actor, _) = self { Some(actor) } else { None }
    }

    const fn except(self) -> Option<SessionId> {
        if let Self::Actor(_, except) = self { except } else { None }
    }

    const fn key(self) -> Option<KeyId> {
        if let Self::Key(key) = self { Some(key) } else { None }
    }
}

/// One session that has ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended<'a> {
    pub(super) tenant: &'a TenantId,
    pub(super) session: SessionId,
    /// When its present token was issued.
    pub(super) issued_at: UnixMillis,
}

/// Adds the entry of one session. Last in its transaction: see [`counters::next_revocation`].
pub(super) async fn add_session(transaction: &mut Transaction, ended: Ended<'_>, now: UnixMillis) -> StoreResult<()> {
    const SQL: &str = "insert into revocations (sequence, kind, tenant, session, created_at, expires_at) \
        values ($1, 'session', $2, $3, $4, $5)";
    // Not its present token's own end: the one before may have been made under a longer setting.
    let expires_at = ended.issued_at.plus(counters::longest_token(transaction).await?);
    let sequence = counters::next_revocation(transaction).await?;
    let values: [&dyn Bind; 5] =
        [&sequence, &ended.tenant.as_str(), &Text(ended.session), &Timestamp(now), &Timestamp(expires_at)];
    transaction.execute(SQL, &values).await.map(drop)
}

/// Adds a mark. Last in its transaction as well.
pub(super) async fn add_mark(transaction: &mut Transaction, mark: &Mark<'_>, now: UnixMillis) -> StoreResult<()> {
    const SQL: &str = "insert into revocations (sequence, kind, tenant, actor_type, actor_id, except_session, \
        signing_key, issued_before, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let issued_before = mark.issued_before(now);
    let expires_at = issued_before.plus(counters::longest_token(transaction).await?);
    let sequence = counters::next_revocation(transaction).await?;
    let actor = mark.whose.actor();
    let values: [&dyn Bind; 10] = [
        &sequence,
        &mark.whose.kind(),
        &mark.tenant.as_str(),
        &actor.map(|actor| actor.kind.to_string()),
        &actor.map(|actor| actor.id.to_string()),
        &mark.whose.except().map(Text),
        &mark.whose.key().map(Text),
        &Timestamp(issued_before),
        &Timestamp(now),
        &Timestamp(expires_at),
    ];
    transaction.execute(SQL, &values).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_hits_the_newest_token_by_whatever_clock() {
        let at = |milliseconds| UnixMillis::new(milliseconds).unwrap();
        let tenant: TenantId = "demo".parse().unwrap();
        let before = |newest| Mark { tenant: &tenant, whose: Whose::Tenant, newest }.issued_before(at(1_000));
        assert_eq!(before(None), at(1_000));
        assert_eq!(before(Some(at(10))), at(1_000));
        assert_eq!(before(Some(at(1_000))), at(1_001), "issued in this very millisecond");
        assert_eq!(before(Some(at(1_700))), at(1_701), "issued by a clock that is ahead");
    }
}
