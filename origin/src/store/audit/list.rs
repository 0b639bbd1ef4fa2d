//! Reading what was written down.

use std::str::FromStr;

use sealgate_shared::id::{ActorId, ActorType, SessionId, TenantId};
use sealgate_shared::time::UnixMillis;

use crate::session::Actor;
use crate::store::engine::Bind;
use crate::store::timestamp::Timestamp;
use crate::store::{Store, StoreResult};

/// Which rows to read; without anything, all.
#[derive(Clone, Copy, Debug, Default)]
pub struct AuditFilter<'a> {
    pub tenant: Option<&'a TenantId>,
    pub event: Option<&'a str>,
    pub actor_id: Option<&'a ActorId>,
    /// The kind of that actor; of no meaning without its id.
    pub actor_type: Option<&'a ActorType>,
    pub session: Option<SessionId>,
    /// Written then or later.
    pub since: Option<UnixMillis>,
    /// Written then or earlier.
    pub until: Option<UnixMillis>,
    /// Those of smaller ids alone.
    pub before: Option<i64>,
    /// Those alone that have not been linked.
    pub unlinked: bool,
}

/// A row as it is read. What nobody of ours can have written is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    pub id: i64,
    pub at: UnixMillis,
    /// `None` for what belongs to no single tenant.
    pub tenant: Option<TenantId>,
    /// A name that may be newer than this program.
    pub event: String,
    pub session: Option<SessionId>,
    pub actor: Option<Actor>,
    pub detail: Option<String>,
    /// Its place in the chain; `None` until it has been linked.
    pub position: Option<u64>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    at: Timestamp,
    tenant: String,
    event: String,
    session: Option<String>,
    actor_type: Option<String>,
    actor_id: Option<String>,
    detail: Option<String>,
    position: Option<i64>,
}

macro_rules! select {
    ($from:literal) => {
        concat!(
            "select id, at, tenant, event, session, actor_type, actor_id, detail, position from ",
            $from,
            " where at >= $2 and coalesce($3, event) = event and (cast($4 as text) is null or session = $4) \
             and ($5 = false or position is null) and at <= coalesce($6, at) and id < $7"
        )
    };
}

macro_rules! newest_first {
    () => {
        " order by id desc limit $1"
    };
}

/// The index knows actors of rows that have been linked: whoever writes a row waits for one index less.
macro_rules! of_actor {
    ($linked:literal) => {
        concat!(
            "select * from (",
            select!("audit"),
            " and actor_id = $8 and (cast($9 as text) is null or actor_type = $9) \
             and (cast($10 as text) is null or tenant = $10) and position is ",
            $linked,
            newest_first!(),
            ") as found"
        )
    };
}

impl Store {
    /// What was written down, newest first.
    pub async fn audit(&self, filter: &AuditFilter<'_>, limit: u32) -> StoreResult<Vec<AuditRow>> {
        const ALL: &str = concat!(select!("audit"), newest_first!());
        const OF_TENANT: &str = concat!(select!("audit"), " and tenant = $8", newest_first!());
        const OF_ACTOR: &str = concat!(of_actor!("null"), " union all ", of_actor!("not null"), newest_first!());
        let limit = i64::from(limit);
        let since = Timestamp(filter.since.unwrap_or(UnixMillis::EPOCH));
        let (event, session) = (filter.event.map(str::to_owned), filter.session.map(|session| session.to_string()));
        let (until, before) = (filter.until.map(Timestamp), filter.before.unwrap_or(i64::MAX));
        let tenant = filter.tenant.map(ToString::to_string);
        let mut values: Vec<&dyn Bind> = vec![&limit, &since, &event, &session, &filter.unlinked, &until, &before];
        let kind = filter.actor_type.map(ToString::to_string);
        let id = filter.actor_id.map(ToString::to_string);
        let sql = match (&id, &tenant) {
            (Some(id), tenant) => {
                values.extend([id as &dyn Bind, &kind, tenant]);
                OF_ACTOR
            }
            (None, Some(tenant)) => {
                values.push(tenant);
                OF_TENANT
            }
            (None, None) => ALL,
        };
        let rows: Vec<Row> = self.read.fetch_all(sql, &values).await?;
        Ok(rows.into_iter().map(AuditRow::from).collect())
    }
}

impl From<Row> for AuditRow {
    fn from(row: Row) -> Self {
        let actor = read(row.actor_type).zip(read(row.actor_id)).map(|(kind, id)| Actor { kind, id });
        Self {
            id: row.id,
            at: row.at.0,
            tenant: read(Some(row.tenant)),
            event: row.event,
            session: read(row.session),
            actor,
            detail: row.detail,
            position: row.position.and_then(|position| u64::try_from(position).ok()),
        }
    }
}

fn read<T: FromStr>(text: Option<String>) -> Option<T> {
    text?.parse().ok()
}
