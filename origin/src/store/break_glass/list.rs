//! The accounts as their operator sees them.

use sealgate_shared::id::{ActorId, ActorType, Roles, TenantId};
use sealgate_shared::time::UnixMillis;
use sqlx::types::Text;

use super::{read_assurance, read_roles};
use crate::limit::Lane;
use crate::session::Actor;
use crate::store::sessions::RolesColumn;
use crate::store::timestamp::Timestamp;
use crate::store::{Store, StoreResult};

/// An account, without what is kept of its password.
#[derive(Clone, Debug)]
pub struct BreakGlassSummary {
    pub tenant: TenantId,
    pub actor: Actor,
    pub roles: Option<Roles>,
    pub assurance: u8,
    pub set_at: UnixMillis,
    pub used_at: Option<UnixMillis>,
    /// The guesses at it that failed lately, from networks from where others had.
    pub lane: Lane,
    /// And from networks from where none had.
    pub newcomers: Lane,
    /// How many networks the operator lets past these counts.
    pub let_through: u64,
}

#[derive(sqlx::FromRow)]
struct SummaryRow {
    tenant: Text<TenantId>,
    account: Text<ActorId>,
    actor_type: Text<ActorType>,
    roles: Option<Text<RolesColumn>>,
    assurance: i64,
    set_at: Timestamp,
    used_at: Option<Timestamp>,
    failures: Option<i64>,
    last_at: Option<Timestamp>,
    newcomers_failures: Option<i64>,
    newcomers_last_at: Option<Timestamp>,
    let_through: i64,
}

impl Store {
    /// The accounts of one tenant, or of all, by name. Who was let through before `since` is so no longer.
    pub async fn list_break_glass(
        &self,
        tenant: Option<&TenantId>,
        since: UnixMillis,
    ) -> StoreResult<Vec<BreakGlassSummary>> {
        const SQL: &str = "select break_glass.tenant, account, actor_type, roles, assurance, set_at, used_at, \
            lanes.failures, lanes.last_at, newcomers.failures as newcomers_failures, \
            newcomers.last_at as newcomers_last_at, (select count(*) from break_glass_lanes as passes \
            where passes.tenant = break_glass.tenant and passes.lane >= 'passes ' and passes.lane < 'passes!' \
            and substr(passes.lane, 25) = account and passes.last_at > $2) as let_through \
            from break_glass left join break_glass_lanes as lanes \
            on lanes.tenant = break_glass.tenant and lanes.lane = 'account ' || account \
            left join break_glass_lanes as newcomers \
            on newcomers.tenant = break_glass.tenant and newcomers.lane = 'newcomers ' || account \
            where cast($1 as text) is null or break_glass.tenant = $1 order by break_glass.tenant, account";
        let rows: Vec<SummaryRow> =
            self.read.fetch_all(SQL, &[&tenant.map(ToString::to_string), &Timestamp(since)]).await?;
        Ok(rows.into_iter().map(BreakGlassSummary::from).collect())
    }
}

impl From<SummaryRow> for BreakGlassSummary {
    fn from(row: SummaryRow) -> Self {
        let lane = |failures: Option<i64>, last_at: Option<Timestamp>| {
            let lane = failures.zip(last_at).map(|(failures, last_at)| Lane {
                failures: u32::try_from(failures).unwrap_or(u32::MAX),
                last_at: last_at.0,
            });
            lane.unwrap_or(Lane::EMPTY)
        };
        Self {
            tenant: row.tenant.0,
            actor: Actor { kind: row.actor_type.0, id: row.account.0 },
            roles: row.roles.map(read_roles),
            assurance: read_assurance(row.assurance),
            set_at: row.set_at.0,
            used_at: row.used_at.map(|used_at| used_at.0),
            lane: lane(row.failures, row.last_at),
            newcomers: lane(row.newcomers_failures, row.newcomers_last_at),
            let_through: row.let_through.unsigned_abs(),
        }
    }
}
