//! The table `actors`: what is known of somebody beyond their sessions, which take it over when they are refreshed.

use sealgate_shared::id::{Roles, TenantId};
use sealgate_shared::time::UnixMillis;
use sqlx::types::Text;

use super::audit::{self, AuditEntry, AuditEvent};
use super::engine::{Bind, Transaction};
use super::revocations::{self, Mark, Whose};
use super::sessions::RolesColumn;
use super::timestamp::Timestamp;
use super::{Store, StoreResult};
use crate::session::Actor;

/// What is known of an actor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attributes {
    /// `None`: each session goes on with its own.
    pub roles: Option<Roles>,
    /// Likewise.
    pub assurance: Option<u8>,
    /// What people call them, as the provider by which they sign in told it.
    pub display_name: Option<String>,
    pub updated_at: UnixMillis,
}

/// What is to be known of an actor from now on; what is absent stays as it is.
#[derive(Debug)]
pub struct ChangeActor<'a> {
    pub tenant: &'a TenantId,
    pub actor: &'a Actor,
    pub roles: Option<Roles>,
    pub assurance: Option<u8>,
    /// Whether tokens that say otherwise are refused from this moment, so that their sessions are refreshed; without, it
    /// waits until they are anyway.
    pub at_once: bool,
}

/// What a mint asks about an actor: at most one row of `actors`, and the first entries of an index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acquaintance {
    pub roles: Option<Roles>,
    pub assurance: Option<u8>,
    /// How many live sessions there are, counted no further than was asked.
    pub live: u32,
}

#[derive(sqlx::FromRow)]
struct AttributesRow {
    roles: Option<Text<RolesColumn>>,
    assurance: Option<i64>,
    display_name: Option<String>,
    updated_at: Timestamp,
}

impl Store {
    /// What is known of the actor, if anything was ever said.
    pub async fn actor_attributes(&self, tenant: &TenantId, actor: &Actor) -> StoreResult<Option<Attributes>> {
        const SQL: &str = "select roles, assurance, display_name, updated_at from actors \
            where tenant = $1 and actor_type = $2 and actor_id = $3";
        let values: [&dyn Bind; 3] = [&tenant.as_str(), &actor.kind.as_str(), &actor.id.as_str()];
        let row: Option<AttributesRow> = self.read.fetch_optional(SQL, &values).await?;
        Ok(row.map(Attributes::from))
    }

    /// Changes what is known of the actor: what that is now, and how many live sessions it concerns. None of them ends.
    pub async fn change_actor(&self, change: &ChangeActor<'_>, now: UnixMillis) -> StoreResult<(Attributes, u64)> {
        let mut transaction = self.write.begin().await?;
        let attributes = write(&mut transaction, change, now).await?;
        note_changed(&mut transaction, change, now).await?;
        let (live, newest) = survey(&mut transaction, change.tenant, change.actor, now).await?;
        if change.at_once && newest.is_some() {
            let whose = Whose::Actor(change.actor, None);
            revocations::add_mark(&mut transaction, &Mark { tenant: change.tenant, whose, newest }, now).await?;
        }
        transaction.commit().await?;
        Ok((attributes, live))
    }

    /// What people call the actor from now on. A name that is known already costs no write.
    pub async fn name_actor(&self, tenant: &TenantId, actor: &Actor, name: &str, now: UnixMillis) -> StoreResult<()> {
        const SQL: &str = "insert into actors (tenant, actor_type, actor_id, display_name, updated_at) \
            values ($1, $2, $3, $4, $5) on conflict (tenant, actor_type, actor_id) do update \
            set display_name = excluded.display_name, updated_at = excluded.updated_at \
            where actors.display_name is distinct from excluded.display_name";
        let values: [&dyn Bind; 5] =
            [&tenant.as_str(), &actor.kind.as_str(), &actor.id.as_str(), &name, &Timestamp(now)];
        self.write.execute(SQL, &values).await.map(drop)
    }

    /// How many live sessions the actor has.
    pub async fn count_live(&self, tenant: &TenantId, actor: &Actor, now: UnixMillis) -> StoreResult<u64> {
        const SQL: &str = "select count(*) from sessions where tenant = $1 and actor_type = $2 and actor_id = $3 \
            and pre_login = false and revoked_at is null and idle_expires_at > $4";
        let values: [&dyn Bind; 4] = [&tenant.as_str(), &actor.kind.as_str(), &actor.id.as_str(), &Timestamp(now)];
        let (live,): (i64,) = self.read.fetch_one(SQL, &values).await?;
        Ok(live.unsigned_abs())
    }

    /// What there is to know before a session of the actor is made; sessions are counted up to `limit`.
    pub async fn acquaintance(
        &self,
        tenant: &TenantId,
        actor: &Actor,
        now: UnixMillis,
        limit: u32,
    ) -> StoreResult<Acquaintance> {
        const SQL: &str = "select \
            (select roles from actors where tenant = $1 and actor_type = $2 and actor_id = $3) as roles, \
            (select assurance from actors where tenant = $1 and actor_type = $2 and actor_id = $3) as assurance, \
            (select count(*) from (select id from sessions where tenant = $1 and actor_type = $2 and actor_id = $3 \
            and pre_login = false and revoked_at is null and idle_expires_at > $4 limit $5) as standing) as live";
        let values: [&dyn Bind; 5] =
            [&tenant.as_str(), &actor.kind.as_str(), &actor.id.as_str(), &Timestamp(now), &i64::from(limit)];
        let (roles, assurance, live): (Option<Text<RolesColumn>>, Option<i64>, i64) =
            self.read.fetch_one(SQL, &values).await?;
        let live = u32::try_from(live).unwrap_or(u32::MAX);
        Ok(Acquaintance { roles: roles.map(read_roles), assurance: assurance.map(read_assurance), live })
    }
}

async fn write(transaction: &mut Transaction, change: &ChangeActor<'_>, now: UnixMillis) -> StoreResult<Attributes> {
    const SQL: &str = "insert into actors (tenant, actor_type, actor_id, roles, assurance, updated_at) \
        values ($1, $2, $3, $4, $5, $6) on conflict (tenant, actor_type, actor_id) do update \
        set roles = coalesce(excluded.roles, actors.roles), \
        assurance = coalesce(excluded.assurance, actors.assurance), updated_at = excluded.updated_at \
        returning roles, assurance, display_name, updated_at";
    let values: [&dyn Bind; 6] = [
        &change.tenant.as_str(),
        &change.actor.kind.as_str(),
        &change.actor.id.as_str(),
        &change.roles.as_ref().map(ToString::to_string),
        &change.assurance.map(i64::from),
        &Timestamp(now),
    ];
    let row: AttributesRow = transaction.fetch_one(SQL, &values).await?;
    Ok(row.into())
}

async fn note_changed(transaction: &mut Transaction, change: &ChangeActor<'_>, now: UnixMillis) -> StoreResult<()> {
    let roles = change.roles.as_ref().map(|roles| format!("roles [{roles}]"));
    let assurance = change.assurance.map(|assurance| format!("assurance {assurance}"));
    let at_once = change.at_once.then(|| "at once".to_owned());
    let detail = [roles, assurance, at_once].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let entry = AuditEntry::new(change.tenant, AuditEvent::ActorChanged);
    audit::add(transaction, &AuditEntry { actor: Some(change.actor), detail: Some(&detail), ..entry }, now).await
}

/// How many live sessions the actor has, and when the newest of their tokens was issued.
async fn survey(
    transaction: &mut Transaction,
    tenant: &TenantId,
    actor: &Actor,
    now: UnixMillis,
) -> StoreResult<(u64, Option<UnixMillis>)> {
    const SQL: &str = "select count(*), max(issued_at) from sessions where tenant = $1 and actor_type = $2 \
        and actor_id = $3 and pre_login = false and revoked_at is null and idle_expires_at > $4";
    let values: [&dyn Bind; 4] = [&tenant.as_str(), &actor.kind.as_str(), &actor.id.as_str(), &Timestamp(now)];
    let (live, newest): (i64, Option<Timestamp>) = transaction.fetch_one(SQL, &values).await?;
    Ok((live.unsigned_abs(), newest.map(|newest| newest.0)))
}

fn read_roles(column: Text<RolesColumn>) -> Roles {
    column.0.into_roles()
}

/// The table's check says that it fits.
fn read_assurance(column: i64) -> u8 {
    u8::try_from(column).unwrap_or(u8::MIN)
}

impl From<AttributesRow> for Attributes {
    fn from(row: AttributesRow) -> Self {
        Self {
            roles: row.roles.map(read_roles),
            assurance: row.assurance.map(read_assurance),
            display_name: row.display_name,
            updated_at: row.updated_at.0,
        }
    }
}
