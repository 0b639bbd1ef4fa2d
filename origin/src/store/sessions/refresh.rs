//! Refreshing sessions: what a refresh is decided from, and the compare-and-swaps that make the decision true.
//!
//! Each changes the row only while it says what it said when it was read. Of several that decided at once one comes to
//! pass; the others read again, and decide anew.

use sealgate_shared::id::{KeyId, Roles, SessionId, TenantId};
use sealgate_shared::time::UnixMillis;
use sqlx::types::Text;

use super::row::{RolesColumn, SessionRow, columns};
use crate::session::{RevokedReason, Session};
use crate::store::audit::{self, AuditEntry, AuditEvent};
use crate::store::engine::{Bind, Statement};
use crate::store::revocations::Ended;
use crate::store::timestamp::Timestamp;
use crate::store::{Store, StoreResult, revocations};

/// What a refresh is decided from, as of one moment.
#[derive(Debug)]
pub struct RefreshFacts {
    pub session: Session,
    /// The newest mark over the session's actor or tenant: what was issued before is refused.
    pub marked: Option<UnixMillis>,
    /// What is known of the actor beyond this session; where there is nothing, the session goes on with its own.
    pub actor: ActorFacts,
}

/// What is known of an actor.
#[derive(Debug, Default)]
pub struct ActorFacts {
    pub roles: Option<Roles>,
    pub assurance: Option<u8>,
    pub updated_at: Option<UnixMillis>,
}

/// A session's row before a change and after it.
#[derive(Debug)]
pub struct SessionChange<'a> {
    pub before: &'a RefreshFacts,
    pub after: &'a Session,
    pub now: UnixMillis,
}

#[derive(sqlx::FromRow)]
struct FactsRow {
    #[sqlx(flatten)]
    session: SessionRow,
    tenant_marked: Option<Timestamp>,
    actor_marked: Option<Timestamp>,
    known_roles: Option<Text<RolesColumn>>,
    known_assurance: Option<i64>,
    known_at: Option<Timestamp>,
}

macro_rules! of_actor {
    ($column:literal) => {
        concat!(
            "(select ",
            $column,
            " from actors where actors.tenant = sessions.tenant and actors.actor_type = sessions.actor_type \
             and actors.actor_id = sessions.actor_id)"
        )
    };
}

/// The newest mark over a session's tenant.
macro_rules! tenant_marked {
    () => {
        "(select max(issued_before) from revocations where kind = 'tenant' and revocations.tenant = sessions.tenant)"
    };
}

/// The newest mark over a session's actor.
macro_rules! actor_marked {
    () => {
        "(select max(issued_before) from revocations where kind = 'actor' and revocations.tenant = sessions.tenant \
         and revocations.actor_type = sessions.actor_type and revocations.actor_id = sessions.actor_id)"
    };
}

/// The row still says what it said.
macro_rules! unchanged {
    () => {
        "sessions.id = $1 and generation = $2 and issued_at = $3 and presented = $4 \
         and answered_late_at is not distinct from $5 and revoked_at is null and idle_expires_at > $6"
    };
}

/// Makes the step's statement: what it takes to hold what is judged against changes is `PostgreSQL`'s alone.
macro_rules! step {
    ($hold:literal) => {
        concat!(
            "with held as materialized (select signing_keys.id as held_key from signing_keys, tenants \
             where signing_keys.id = $7 and signing_keys.tenant = $8 and signing_keys.state = 'active' \
             and tenants.id = $8 and tenants.disabled_at is null",
            $hold,
            ") update sessions set generation = $9, previous_generation = $10, issued_at = $11, access_expires_at = $12, \
             signing_key = held.held_key, previous_signing_key = $13, presented = false, answered_late_at = $14, \
             idle_expires_at = $15, last_seen_at = $6, assurance = $16, roles = $17, fingerprint = $18, \
             device_name = $19, ip = $20, user_agent = $21 from held where ",
            unchanged!(),
            " and coalesce(",
            tenant_marked!(),
            " <= $11, true) and coalesce(",
            actor_marked!(),
            " <= $11, true) and ",
            of_actor!("updated_at"),
            " is not distinct from $22"
        )
    };
}

const STEP: Statement = Statement { sqlite: step!(""), postgres: step!(" for share of signing_keys, tenants") };

impl Store {
    /// Reads what a refresh of a session of that tenant is decided from.
    pub async fn refresh_facts(&self, tenant: &TenantId, id: SessionId) -> StoreResult<Option<RefreshFacts>> {
        const SQL: &str = concat!(
            "select ",
            columns!(),
            ", ",
            tenant_marked!(),
            " as tenant_marked, ",
            actor_marked!(),
            " as actor_marked, ",
            of_actor!("roles"),
            " as known_roles, ",
            of_actor!("assurance"),
            " as known_assurance, ",
            of_actor!("updated_at"),
            " as known_at from sessions where id = $1 and tenant = $2 and pre_login = false"
        );
        let row: Option<FactsRow> = self.read.fetch_optional(SQL, &[&Text(id), &tenant.as_str()]).await?;
        Ok(row.map(RefreshFacts::from))
    }

    /// Notes that somebody has shown a token of the present generation; `false` when the row says something else by now.
    pub async fn note_presented(&self, facts: &RefreshFacts, now: UnixMillis) -> StoreResult<bool> {
        const SQL: &str = concat!("update sessions set presented = true where ", unchanged!());
        Ok(self.write.execute(SQL, &Seen::new(facts, now).bind()).await? == 1)
    }

    /// Moves a session to its next generation; `false`, and nothing has changed, when the row says something else by now,
    /// the key signs no longer, the tenant was disabled, a mark hits what is issued then, or more is known of the actor.
    ///
    /// What is held against changes is as in [`Store::insert_session`]: an actor's mark that is committed while the
    /// statement runs is taken to have been made just before.
    pub async fn step_session(&self, change: &SessionChange<'_>) -> StoreResult<bool> {
        Ok(self.write.execute(STEP, &Stepped::new(change).bind()).await? == 1)
    }

    /// Notes that an answer was given late, by a step or without one, and writes it down; `false` as above.
    pub async fn answer_late(&self, change: &SessionChange<'_>, detail: &str) -> StoreResult<bool> {
        const STAY: &str = concat!(
            "update sessions set answered_late_at = $6, last_seen_at = $6, previous_generation = $7, \
             previous_signing_key = $8, fingerprint = $9, device_name = $10, ip = $11, user_agent = $12 where ",
            unchanged!()
        );
        let stepped = Stepped::new(change);
        let steps = change.after.generation != change.before.session.generation;
        let mut transaction = self.write.begin().await?;
        let changed = if steps {
            transaction.execute(STEP, &stepped.bind()).await?
        } else {
            transaction.execute(STAY, &stepped.bind_stay()).await?
        };
        if changed == 0 {
            return Ok(false);
        }
        let entry = AuditEntry::of_session(change.after, AuditEvent::SessionLate, detail);
        audit::add(&mut transaction, &entry, change.now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Ends a session of which a token was copied, and writes it down: once, however many come with such tokens. `false` as
    /// above.
    pub async fn end_reused(&self, facts: &RefreshFacts, detail: &str, now: UnixMillis) -> StoreResult<bool> {
        const SQL: &str = concat!("update sessions set revoked_at = $6, revoked_reason = $7 where ", unchanged!());
        let (session, seen) = (&facts.session, Seen::new(facts, now));
        let mut transaction = self.write.begin().await?;
        let [id, generation, issued_at, presented, late, at] = seen.bind();
        let values = [id, generation, issued_at, presented, late, at, &RevokedReason::Reuse.as_str() as &dyn Bind];
        if transaction.execute(SQL, &values).await? == 0 {
            return Ok(false);
        }
        audit::add(&mut transaction, &AuditEntry::of_session(session, AuditEvent::SessionReuse, detail), now).await?;
        let ended = Ended { tenant: &session.tenant, session: session.id, issued_at: session.issued_at };
        revocations::add_session(&mut transaction, ended, now).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

/// What the row said when it was read, in the form of arguments.
struct Seen {
    id: Text<SessionId>,
    generation: i64,
    issued_at: Timestamp,
    presented: bool,
    answered_late_at: Option<Timestamp>,
    now: Timestamp,
}

impl Seen {
    fn new(facts: &RefreshFacts, now: UnixMillis) -> Self {
        let session = &facts.session;
        Self {
            id: Text(session.id),
            generation: session.generation.into(),
            issued_at: Timestamp(session.issued_at),
            presented: session.presented,
            answered_late_at: session.answered_late_at.map(Timestamp),
            now: Timestamp(now),
        }
    }

    fn bind(&self) -> [&dyn Bind; 6] {
        [&self.id, &self.generation, &self.issued_at, &self.presented, &self.answered_late_at, &self.now]
    }
}

/// The row after the change, in the same form.
struct Stepped {
    seen: Seen,
    key: Text<KeyId>,
    tenant: String,
    generation: i64,
    previous_generation: Option<i64>,
    issued_at: Timestamp,
    access_expires_at: Timestamp,
    previous_key: Option<Text<KeyId>>,
    answered_late_at: Option<Timestamp>,
    idle_expires_at: Timestamp,
    assurance: i64,
    roles: String,
    fingerprint: Option<Vec<u8>>,
    device_name: Option<String>,
    ip: Option<String>,
    user_agent: Option<String>,
    actor_updated_at: Option<Timestamp>,
}

impl Stepped {
    fn new(change: &SessionChange<'_>) -> Self {
        let after = change.after;
        Self {
            seen: Seen::new(change.before, change.now),
            key: Text(after.signing_key),
            tenant: after.tenant.to_string(),
            generation: after.generation.into(),
            previous_generation: after.previous_generation.map(i64::from),
            issued_at: Timestamp(after.issued_at),
            access_expires_at: Timestamp(after.access_expires_at),
            previous_key: after.previous_signing_key.map(Text),
            answered_late_at: after.answered_late_at.map(Timestamp),
            idle_expires_at: Timestamp(after.idle_expires_at),
            assurance: after.assurance.into(),
            roles: after.roles.to_string(),
            fingerprint: after.fingerprint.map(Vec::from),
            device_name: after.device_name.clone(),
            ip: after.ip.map(|ip| ip.to_string()),
            user_agent: after.user_agent.clone(),
            actor_updated_at: change.before.actor.updated_at.map(Timestamp),
        }
    }

    fn bind(&self) -> [&dyn Bind; 22] {
        let [id, generation, issued_at, presented, late, now] = self.seen.bind();
        [
            id,
            generation,
            issued_at,
            presented,
            late,
            now,
            &self.key,
            &self.tenant,
            &self.generation,
            &self.previous_generation,
            &self.issued_at,
            &self.access_expires_at,
            &self.previous_key,
            &self.answered_late_at,
            &self.idle_expires_at,
            &self.assurance,
            &self.roles,
            &self.fingerprint,
            &self.device_name,
            &self.ip,
            &self.user_agent,
            &self.actor_updated_at,
        ]
    }

    /// What changes without a step.
    fn bind_stay(&self) -> [&dyn Bind; 12] {
        let [id, generation, issued_at, presented, late, now] = self.seen.bind();
        let previous = (&self.previous_generation, &self.previous_key);
        let about = (&self.fingerprint, &self.device_name, &self.ip, &self.user_agent);
        [id, generation, issued_at, presented, late, now, previous.0, previous.1, about.0, about.1, about.2, about.3]
    }
}

impl From<FactsRow> for RefreshFacts {
    fn from(row: FactsRow) -> Self {
        let marked = [row.tenant_marked, row.actor_marked].into_iter().flatten().map(|at| at.0).max();
        let actor = ActorFacts {
            roles: row.known_roles.map(|roles| roles.0.into_roles()),
            assurance: row.known_assurance.and_then(|assurance| u8::try_from(assurance).ok()),
            updated_at: row.known_at.map(|at| at.0),
        };
        Self { session: row.session.into(), marked, actor }
    }
}
