//! Ending sessions because their provider says that they are over: the table `oidc_logouts`, and the rows it speaks of.

use sealgate_shared::id::{ActorId, ActorType, SessionId, TenantId};
use sealgate_shared::time::UnixMillis;
use sqlx::types::Text;

use super::audit::{self, AuditEntry, AuditEvent};
use super::engine::{Bind, Statement, Transaction};
use super::revocations::{self, Mark, Whose};
use super::sessions::end_several;
use super::timestamp::Timestamp;
use super::{Store, StoreResult, tenants};
use crate::oidc::ProviderId;
use crate::session::{Actor, RevokedReason};

/// More of one actor than this are told in one entry.
const MOST_ENTRIES: usize = 16;

/// A logout that a provider has told, checked and believed.
#[derive(Clone, Copy, Debug)]
pub struct Logout<'a> {
    pub tenant: &'a TenantId,
    /// Who told it.
    pub provider: &'a ProviderId,
    /// Whose sessions it may speak of.
    pub issuer: &'a str,
    pub subject: Option<&'a str>,
    /// The provider's own session.
    pub sid: Option<&'a str>,
    pub jti: &'a str,
    pub issued_at: UnixMillis,
    /// How long it is remembered.
    pub expires_at: UnixMillis,
}

/// What came of a logout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogoutOutcome {
    /// These have ended; there may have been none.
    Ended(Vec<SessionId>),
    /// It was carried out before.
    Replayed,
}

#[derive(sqlx::FromRow)]
struct Ended {
    id: Text<SessionId>,
    issued_at: Timestamp,
    actor_type: Text<ActorType>,
    actor_id: Text<ActorId>,
}

impl Store {
    /// Carries a logout out: remembers it, ends the sessions, and has every edge learn of it, all or nothing. So one that
    /// fails may be told again, and one that was carried out is not carried out twice.
    pub async fn end_by_logout(&self, logout: &Logout<'_>, now: UnixMillis) -> StoreResult<LogoutOutcome> {
        let mut transaction = self.write.begin().await?;
        hold_issuer(&mut transaction, logout).await?;
        // Statements of their own, behind the lock: they see what was committed while we waited.
        if !remember(&mut transaction, logout, now).await? {
            return Ok(LogoutOutcome::Replayed);
        }
        let ended = end_sessions(&mut transaction, logout, now).await?;
        note(&mut transaction, logout, &ended, now).await?;
        tell_edges(&mut transaction, logout, &ended, now).await?;
        transaction.commit().await?;
        Ok(LogoutOutcome::Ended(ended.into_iter().map(|ended| ended.id.0).collect()))
    }
}

/// Keeps sign-ins by providers of that issuer waiting until the transaction ends.
async fn hold_issuer(transaction: &mut Transaction, logout: &Logout<'_>) -> StoreResult<()> {
    const PROVIDERS: Statement = Statement {
        sqlite: "select id from oidc_providers where tenant = $1 and issuer = $2 order by id",
        postgres: "select id from oidc_providers where tenant = $1 and issuer = $2 order by id for update",
    };
    tenants::hold(transaction, logout.tenant).await?;
    let _: Vec<(String,)> = transaction.fetch_all(PROVIDERS, &[&logout.tenant.as_str(), &logout.issuer]).await?;
    Ok(())
}

/// `false` when it is remembered already.
async fn remember(transaction: &mut Transaction, logout: &Logout<'_>, now: UnixMillis) -> StoreResult<bool> {
    const SQL: &str = "insert into oidc_logouts (tenant, issuer, jti, subject, sid, issued_at, received_at, expires_at) \
        values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (tenant, issuer, jti) do nothing";
    let values: [&dyn Bind; 8] = [
        &logout.tenant.as_str(),
        &logout.issuer,
        &logout.jti,
        &logout.subject.map(str::to_owned),
        &logout.sid.map(str::to_owned),
        &Timestamp(logout.issued_at),
        &Timestamp(now),
        &Timestamp(logout.expires_at),
    ];
    Ok(transaction.execute(SQL, &values).await? == 1)
}

async fn end_sessions(transaction: &mut Transaction, logout: &Logout<'_>, now: UnixMillis) -> StoreResult<Vec<Ended>> {
    macro_rules! end {
        ($which:literal) => {
            end_several!($which, "id, issued_at, actor_type, actor_id")
        };
    }
    const OF_SID: Statement = end!("tenant = $3 and idp_issuer = $4 and idp_sid = $5");
    const OF_SUBJECT: Statement = end!("tenant = $3 and idp_issuer = $4 and idp_subject = $5");
    const OF_BOTH: Statement = end!("tenant = $3 and idp_issuer = $4 and idp_sid = $5 and idp_subject = $6");
    let (at, reason) = (Timestamp(now), RevokedReason::BackChannel.as_str());
    let (tenant, issuer) = (logout.tenant.as_str(), logout.issuer);
    match (logout.sid, logout.subject) {
        (Some(sid), Some(subject)) => {
            transaction.fetch_all(OF_BOTH, &[&at, &reason, &tenant, &issuer, &sid, &subject]).await
        }
        (Some(sid), None) => transaction.fetch_all(OF_SID, &[&at, &reason, &tenant, &issuer, &sid]).await,
        (None, Some(subject)) => transaction.fetch_all(OF_SUBJECT, &[&at, &reason, &tenant, &issuer, &subject]).await,
        (None, None) => Ok(Vec::new()),
    }
}

/// Writes down each session that has ended; or that the provider spoke of none we have.
async fn note(transaction: &mut Transaction, logout: &Logout<'_>, ended: &[Ended], now: UnixMillis) -> StoreResult<()> {
    let entry = AuditEntry {
        detail: Some(logout.provider.as_str()),
        ..AuditEntry::new(logout.tenant, AuditEvent::BackChannelLogout)
    };
    if ended.is_empty() {
        return audit::add(transaction, &entry, now).await;
    }
    for one in ended {
        let entry = AuditEntry { session: Some(one.id.0), actor: Some(&one.actor()), ..entry };
        audit::add(transaction, &entry, now).await?;
    }
    Ok(())
}

async fn tell_edges(
    transaction: &mut Transaction,
    logout: &Logout<'_>,
    ended: &[Ended],
    now: UnixMillis,
) -> StoreResult<()> {
    let tenant = logout.tenant;
    let mut rest: Vec<&Ended> = ended.iter().collect();
    while let Some(first) = rest.first() {
        let actor = first.actor();
        let (own, others): (Vec<&Ended>, Vec<&Ended>) = rest.iter().partition(|one| one.actor() == actor);
        rest = others;
        if own.len() > MOST_ENTRIES {
            // It hits the actor's other sessions as well, which are given new tokens: their rows say that they live.
            let newest = own.iter().map(|one| one.issued_at.0).max();
            let mark = Mark { tenant, whose: Whose::Actor(&actor, None), newest };
            revocations::add_mark(transaction, &mark, now).await?;
            continue;
        }
        for one in own {
            let ended = revocations::Ended { tenant, session: one.id.0, issued_at: one.issued_at.0 };
            revocations::add_session(transaction, ended, now).await?;
        }
    }
    Ok(())
}

impl Ended {
    fn actor(&self) -> Actor {
        Actor { kind: self.actor_type.0.clone(), id: self.actor_id.0.clone() }
    }
}
