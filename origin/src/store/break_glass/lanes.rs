//! The table `break_glass_lanes`: guesses that failed, or may yet turn out to have been right.

use sealgate_shared::id::{ActorId, SessionId, TenantId};
use sealgate_shared::time::UnixMillis;

use crate::limit::{Lane, LaneOf};
use crate::session::Actor;
use crate::store::engine::{Bind, Transaction};
use crate::store::timestamp::Timestamp;
use crate::store::{AuditEntry, AuditEvent, Store, StoreResult, audit};

/// A lane, and whose guesses are in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneName {
    pub of: LaneOf,
    pub name: String,
}

/// A lane in which a guess was counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedGuess {
    lane: LaneName,
    before: Lane,
    after: Lane,
}

/// What keeps an account's owner from getting in, and is to be forgotten.
#[derive(Debug)]
pub struct Unlock<'a> {
    pub tenant: &'a TenantId,
    pub account: &'a ActorId,
    pub pass: Option<Pass<'a>>,
}

/// A network is let past the count of an account.
#[derive(Clone, Copy, Debug)]
pub struct Pass<'a> {
    /// The lane that says so.
    pub lane: &'a str,
    /// The network, for those who read what was written down.
    pub network: &'a str,
}

/// A guess that was right, and whose session has been made.
#[derive(Debug)]
pub struct RightGuess<'a> {
    pub tenant: &'a TenantId,
    pub actor: &'a Actor,
    /// What it was compared with.
    pub password_hash: &'a str,
    pub session: SessionId,
    pub counted: &'a [CountedGuess],
    /// What is written down with the use.
    pub detail: Option<&'a str>,
}

impl LaneName {
    /// The lane of one network, which is told by a keyed hash.
    pub fn of_network(place: u16) -> Self {
        Self { of: LaneOf::Network, name: format!("network {place:04x}") }
    }

    /// The lane of an account. It has two: one for newcomers, from whose network no guess has failed lately, and one for all
    /// others. So whoever fills the one from where they have been does not keep out who comes from somewhere else.
    pub fn of_account(account: &ActorId, is_newcomer: bool) -> Self {
        let lane = if is_newcomer { "newcomers" } else { "account" };
        Self { of: LaneOf::Account, name: format!("{lane} {account}") }
    }

    /// The lane of names that are no account's.
    pub fn of_unknown(place: u16, is_newcomer: bool) -> Self {
        let lane = if is_newcomer { "strangers" } else { "unknown" };
        Self { of: LaneOf::Account, name: format!("{lane} {place:04x}") }
    }
}

/// The lane that says that a network is let past the count of an account.
pub fn name_pass(network: u64, account: &ActorId) -> String {
    format!("passes {network:016x} {account}")
}

impl Store {
    /// Counts a guess in these lanes as if it had failed, before anybody looks at it; `None`, and none is counted, when it is
    /// too early for one of them. All origins count here, one after the other.
    pub async fn count_guess(
        &self,
        tenant: &TenantId,
        lanes: Vec<LaneName>,
        now: UnixMillis,
    ) -> StoreResult<Option<Vec<CountedGuess>>> {
        let mut transaction = self.write.begin().await?;
        let mut found = Vec::with_capacity(lanes.len());
        // The account's always comes before the network's: nobody waits for somebody who waits for them.
        for lane in lanes {
            let before = lock(&mut transaction, tenant, &lane.name).await?;
            found.push((before.with_another(lane.of, now), before, lane));
        }
        let is_early = found.iter().any(|(after, ..)| after.is_none());
        let mut counted = Vec::with_capacity(found.len());
        for (after, before, lane) in found {
            // A lane in which nothing is counted is written as it was: a guess that is not looked at takes as long.
            let after = after.filter(|_| !is_early).unwrap_or(before);
            write(&mut transaction, tenant, &lane.name, after).await?;
            counted.push(CountedGuess { lane, before, after });
        }
        transaction.commit().await?;
        Ok((!is_early).then_some(counted))
    }

    /// The guess was right, and its session has been made: it is uncounted, and the use is written down. `false`, and nothing
    /// has changed, when the password has been changed or removed meanwhile. Whoever changes it from now on finds the session.
    pub async fn settle_guess(&self, right: &RightGuess<'_>, now: UnixMillis) -> StoreResult<bool> {
        const SQL: &str =
            "update break_glass set used_at = $1 where tenant = $2 and account = $3 and password_hash = $4";
        let &RightGuess { tenant, actor, password_hash, session, counted, detail } = right;
        let mut transaction = self.write.begin().await?;
        let values: [&dyn Bind; 4] = [&Timestamp(now), &tenant.as_str(), &actor.id.as_str(), &password_hash];
        if transaction.execute(SQL, &values).await? == 0 {
            return Ok(false);
        }
        for CountedGuess { lane, before, after } in counted {
            let present = lock(&mut transaction, tenant, &lane.name).await?;
            write(&mut transaction, tenant, &lane.name, present.without(*after, *before)).await?;
        }
        let entry = AuditEntry::new(tenant, AuditEvent::BreakGlassUsed);
        let entry = AuditEntry { actor: Some(actor), session: Some(session), detail, ..entry };
        audit::add(&mut transaction, &entry, now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Forgets the guesses at an account, and those from every network of the tenant; whether there is such an account.
    pub async fn unlock_break_glass(&self, unlock: &Unlock<'_>, now: UnixMillis) -> StoreResult<bool> {
        const NETWORKS: &str = "delete from break_glass_lanes where tenant = $1 and lane like 'network %'";
        let &Unlock { tenant, account, pass } = unlock;
        let mut transaction = self.write.begin().await?;
        let Some(actor) = find_actor(&mut transaction, tenant, account).await? else { return Ok(false) };
        clear_account(&mut transaction, tenant, account).await?;
        transaction.execute(NETWORKS, &[&tenant.as_str()]).await?;
        if let Some(Pass { lane, .. }) = pass {
            lock(&mut transaction, tenant, lane).await?;
            write(&mut transaction, tenant, lane, Lane { failures: 0, last_at: now }).await?;
        }
        let detail = pass.map(|pass| format!("and {} is let through", pass.network));
        let entry = AuditEntry::new(tenant, AuditEvent::BreakGlassUnlocked);
        let entry = AuditEntry { actor: Some(&actor), detail: detail.as_deref(), ..entry };
        audit::add(&mut transaction, &entry, now).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

/// Forgets the guesses at an account.
pub(super) async fn clear_account(
    transaction: &mut Transaction,
    tenant: &TenantId,
    account: &ActorId,
) -> StoreResult<()> {
    const SQL: &str = "delete from break_glass_lanes where tenant = $1 and lane in ($2, $3)";
    let [one, other] = [false, true].map(|is_newcomer| LaneName::of_account(account, is_newcomer).name);
    transaction.execute(SQL, &[&tenant.as_str(), &one, &other]).await.map(drop)
}

/// Forgets who is let past the count of an account. Its name stands behind the network's in [`name_pass`].
pub(super) async fn clear_passes(
    transaction: &mut Transaction,
    tenant: &TenantId,
    account: &ActorId,
) -> StoreResult<()> {
    const SQL: &str =
        "delete from break_glass_lanes where tenant = $1 and lane like 'passes %' and substr(lane, 25) = $2";
    transaction.execute(SQL, &[&tenant.as_str(), &account.as_str()]).await.map(drop)
}

async fn find_actor(transaction: &mut Transaction, tenant: &TenantId, account: &ActorId) -> StoreResult<Option<Actor>> {
    const SQL: &str = "select actor_type from break_glass where tenant = $1 and account = $2";
    let values: [&dyn Bind; 2] = [&tenant.as_str(), &account.as_str()];
    let found: Option<(sqlx::types::Text<_>,)> = transaction.fetch_optional(SQL, &values).await?;
    Ok(found.map(|(kind,)| Actor { kind: kind.0, id: account.clone() }))
}

/// What is remembered in a lane. Nobody else reads it so, or writes it, until the transaction ends.
async fn lock(transaction: &mut Transaction, tenant: &TenantId, lane: &str) -> StoreResult<Lane> {
    const SQL: &str = "insert into break_glass_lanes (tenant, lane, failures, last_at) values ($1, $2, 0, $3) \
        on conflict (tenant, lane) do update set failures = break_glass_lanes.failures returning failures, last_at";
    let values: [&dyn Bind; 3] = [&tenant.as_str(), &lane, &Timestamp(Lane::EMPTY.last_at)];
    let (failures, last_at): (i64, Timestamp) = transaction.fetch_one(SQL, &values).await?;
    Ok(Lane { failures: u32::try_from(failures).unwrap_or(u32::MAX), last_at: last_at.0 })
}

async fn write(transaction: &mut Transaction, tenant: &TenantId, name: &str, lane: Lane) -> StoreResult<()> {
    const SQL: &str = "update break_glass_lanes set failures = $3, last_at = $4 where tenant = $1 and lane = $2";
    let values: [&dyn Bind; 4] = [&tenant.as_str(), &name, &i64::from(lane.failures), &Timestamp(lane.last_at)];
    transaction.execute(SQL, &values).await.map(drop)
}
