//! The table `break_glass`: the passwords of operators, and what becomes of those who try them.

mod lanes;
mod list;

use sealgate_shared::id::{ActorId, ActorType, Roles, SessionId, TenantId};
use sealgate_shared::time::UnixMillis;
use sqlx::types::Text;

pub use lanes::{CountedGuess, LaneName, Pass, RightGuess, Unlock, name_pass};
pub use list::BreakGlassSummary;

use super::engine::Bind;
use super::sessions::{RolesColumn, end_sessions};
use super::timestamp::Timestamp;
use super::{AuditEntry, AuditEvent, RevokeActor, Store, StoreResult, audit};
use crate::session::{Actor, RevokedReason};

/// A password to be set.
#[derive(Debug)]
pub struct NewBreakGlass<'a> {
    pub tenant: &'a TenantId,
    /// Who signs in by it; the name to type is the actor's id.
    pub actor: &'a Actor,
    pub password_hash: &'a str,
    pub roles: RolesChange<'a>,
    /// `None`: as it is; 0 for a new account.
    pub assurance: Option<u8>,
}

/// What becomes of the roles of an account when its password is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RolesChange<'a> {
    /// They stay; a new account has those that are known of its actor.
    Keep,
    /// Those that are known of its actor.
    Known,
    These(&'a Roles),
}

/// An account whose password has been set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakGlassInForce {
    /// `None`: what is known of the actor.
    pub roles: Option<Roles>,
    pub assurance: u8,
    /// The sessions of its actor that have ended.
    pub ended: Vec<SessionId>,
}

/// What is known of an account.
#[derive(Debug)]
pub struct BreakGlassRow {
    pub actor: Actor,
    pub password_hash: String,
    pub roles: Option<Roles>,
    pub assurance: u8,
}

/// What there is to know before a guess is looked at.
#[derive(Debug)]
pub struct Knock {
    /// Whether the tenant has any account.
    pub is_on: bool,
    /// The account of that name.
    pub account: Option<BreakGlassRow>,
    /// Whether the operator lets this network past the count of the account.
    pub is_let_through: bool,
    /// Whether no guess from this network has failed lately.
    pub is_newcomer: bool,
}

/// Where a guess comes from, if that is known.
#[derive(Clone, Copy, Debug)]
pub struct KnockFrom<'a> {
    /// The lane of the network.
    pub lane: &'a str,
    /// The lane that says that the network is let through, if it is one.
    pub pass: Option<&'a str>,
}

#[derive(sqlx::FromRow)]
struct KnockRow {
    is_on: bool,
    is_let_through: bool,
    is_newcomer: bool,
    account: Option<Text<ActorId>>,
    actor_type: Option<Text<ActorType>>,
    password_hash: Option<String>,
    roles: Option<Text<RolesColumn>>,
    assurance: Option<i64>,
}

impl Store {
    /// Whether the tenant has any account.
    pub async fn break_glass_is_on(&self, tenant: &TenantId) -> StoreResult<bool> {
        const SQL: &str = "select exists (select 1 from break_glass where tenant = $1)";
        let (is_on,): (bool,) = self.read.fetch_one(SQL, &[&tenant.as_str()]).await?;
        Ok(is_on)
    }

    /// What there is to know of an account before a guess at its password is looked at: the same question whether there is such
    /// an account or not. Lately is since `since`.
    pub async fn knock(
        &self,
        tenant: &TenantId,
        account: Option<&ActorId>,
        from: Option<KnockFrom<'_>>,
        since: UnixMillis,
    ) -> StoreResult<Knock> {
        const SQL: &str = "select exists (select 1 from break_glass where tenant = $1) as is_on, \
            exists (select 1 from break_glass_lanes where tenant = $1 and lane = $3 and last_at > $4) as is_let_through, \
            $5 <> '' and not exists (select 1 from break_glass_lanes \
            where tenant = $1 and lane = $5 and last_at > $4 and failures > 0) as is_newcomer, \
            account, actor_type, password_hash, roles, assurance \
            from (select 1 as one) as here left join break_glass on tenant = $1 and account = $2";
        let account = account.map_or("", ActorId::as_str);
        let (pass, lane) = from.map_or(("", ""), |from| (from.pass.unwrap_or_default(), from.lane));
        let values: [&dyn Bind; 5] = [&tenant.as_str(), &account, &pass, &Timestamp(since), &lane];
        let row: KnockRow = self.read.fetch_one(SQL, &values).await?;
        Ok(row.into())
    }

    /// Sets the password of an account, and ends every session of its actor. `None`, and nothing has changed, when the account
    /// is an actor of another type.
    pub async fn set_break_glass(
        &self,
        new: &NewBreakGlass<'_>,
        now: UnixMillis,
    ) -> StoreResult<Option<BreakGlassInForce>> {
        const SQL: &str = "insert into break_glass \
            (tenant, account, actor_type, password_hash, roles, assurance, set_at) \
            values ($1, $2, $3, $4, $5, coalesce($6, 0), $7) \
            on conflict (tenant, account) do update set password_hash = excluded.password_hash, \
            roles = case when $8 then break_glass.roles else excluded.roles end, \
            assurance = coalesce($6, break_glass.assurance), set_at = excluded.set_at \
            where break_glass.actor_type = excluded.actor_type returning roles, assurance";
        let roles = match new.roles {
            RolesChange::Keep | RolesChange::Known => None,
            RolesChange::These(roles) => Some(roles.to_string()),
        };
        let mut transaction = self.write.begin().await?;
        let values: [&dyn Bind; 8] = [
            &new.tenant.as_str(),
            &new.actor.id.as_str(),
            &new.actor.kind.as_str(),
            &new.password_hash,
            &roles,
            &new.assurance.map(i64::from),
            &Timestamp(now),
            &(new.roles == RolesChange::Keep),
        ];
        let set: Option<(Option<Text<RolesColumn>>, i64)> = transaction.fetch_optional(SQL, &values).await?;
        let Some((roles, assurance)) = set else { return Ok(None) };
        // What was guessed at was another password.
        lanes::clear_account(&mut transaction, new.tenant, &new.actor.id).await?;
        let entry = AuditEntry { actor: Some(new.actor), ..AuditEntry::new(new.tenant, AuditEvent::BreakGlassSet) };
        audit::add(&mut transaction, &entry, now).await?;
        let ended = end_sessions(&mut transaction, &sessions_of(new.tenant, new.actor), now).await?;
        transaction.commit().await?;
        Ok(Some(BreakGlassInForce { roles: roles.map(read_roles), assurance: read_assurance(assurance), ended }))
    }

    /// Removes an account, and ends every session of its actor; which. `None` when there is no such account.
    pub async fn remove_break_glass(
        &self,
        tenant: &TenantId,
        account: &ActorId,
        now: UnixMillis,
    ) -> StoreResult<Option<(Actor, Vec<SessionId>)>> {
        const SQL: &str = "delete from break_glass where tenant = $1 and account = $2 returning actor_type";
        let mut transaction = self.write.begin().await?;
        let removed: Option<(Text<ActorType>,)> =
            transaction.fetch_optional(SQL, &[&tenant.as_str(), &account.as_str()]).await?;
        let Some((kind,)) = removed else { return Ok(None) };
        let actor = Actor { kind: kind.0, id: account.clone() };
        lanes::clear_account(&mut transaction, tenant, account).await?;
        lanes::clear_passes(&mut transaction, tenant, account).await?;
        let entry = AuditEntry { actor: Some(&actor), ..AuditEntry::new(tenant, AuditEvent::BreakGlassRemoved) };
        audit::add(&mut transaction, &entry, now).await?;
        let ended = end_sessions(&mut transaction, &sessions_of(tenant, &actor), now).await?;
        transaction.commit().await?;
        Ok(Some((actor, ended)))
    }
}

const fn sessions_of<'a>(tenant: &'a TenantId, actor: &'a Actor) -> RevokeActor<'a> {
    RevokeActor { tenant, actor, except: None, reason: RevokedReason::CredentialChange }
}

fn read_roles(column: Text<RolesColumn>) -> Roles {
    column.0.into_roles()
}

/// The table's check says that it fits.
fn read_assurance(column: i64) -> u8 {
    u8::try_from(column).unwrap_or(u8::MIN)
}

impl From<KnockRow> for Knock {
    fn from(row: KnockRow) -> Self {
        let actor = row.actor_type.zip(row.account).map(|(kind, id)| Actor { kind: kind.0, id: id.0 });
        let account = actor.zip(row.password_hash).map(|(actor, password_hash)| BreakGlassRow {
            actor,
            password_hash,
            roles: row.roles.map(read_roles),
            assurance: row.assurance.map_or(u8::MIN, read_assurance),
        });
        Self { is_on: row.is_on, account, is_let_through: row.is_let_through, is_newcomer: row.is_newcomer }
    }
}
