//! Following what changes, whichever process changed it: the counters, and the sequence of revocations.

use sealgate_shared::id::{ActorId, ActorType, SessionId, TenantId};
use sealgate_shared::time::UnixMillis;
use sqlx::types::Text;

use super::engine::{Pool, Statement};
use super::timestamp::Timestamp;
use super::{Store, StoreResult};
use crate::session::Actor;

/// How many entries are read at once.
const BATCH: i64 = 1_000;

/// A place in the sequence of revocations. Those of a later epoch come after all of an earlier one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub epoch: u64,
    pub sequence: u64,
}

/// Where everything stands that is kept in memory.
#[derive(Clone, Copy, Debug, Default)]
pub struct Standing {
    pub position: Position,
    /// The version of the keyring.
    pub keyring: u64,
    /// The version of what is known of callers: service tokens, edges, what tenants may do.
    pub credentials: u64,
    /// The database's own time, where it has a clock of its own.
    pub time: Option<UnixMillis>,
}

/// What an entry of the sequence is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hit {
    Session(SessionId),
    /// Sessions of one actor.
    Actor(TenantId, Actor),
    /// Sessions of one tenant: all, or those that one key signed.
    Tenant(TenantId),
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    sequence: i64,
    tenant: Text<TenantId>,
    session: Option<Text<SessionId>>,
    actor_type: Option<Text<ActorType>>,
    actor_id: Option<Text<ActorId>>,
}

impl Store {
    /// Reads where everything stands.
    pub async fn standing(&self) -> StoreResult<Standing> {
        const SQL: Statement = Statement {
            sqlite: "select name, value, null from counters",
            postgres: "select name, value, clock_timestamp() from counters",
        };
        let rows: Vec<(String, i64, Option<Timestamp>)> = self.read.fetch_all(SQL, &[]).await?;
        let value = |wanted: &str| {
            let row = rows.iter().find(|(name, ..)| name == wanted);
            row.map_or(0, |(_, value, _)| value.unsigned_abs())
        };
        Ok(Standing {
            position: Position { epoch: value("epoch"), sequence: value("revocations") },
            keyring: value("keyring"),
            credentials: value("credentials"),
            time: rows.first().and_then(|(.., time)| time.map(|time| time.0)),
        })
    }

    /// The entries behind `sequence` with their numbers, in order; a batch at a time.
    pub async fn revocations_after(&self, sequence: u64) -> StoreResult<Vec<(u64, Hit)>> {
        const SQL: &str = "select sequence, tenant, session, actor_type, actor_id from revocations \
            where sequence > $1 order by sequence limit $2";
        let after = i64::try_from(sequence).unwrap_or(i64::MAX);
        let rows: Vec<EntryRow> = self.read.fetch_all(SQL, &[&after, &BATCH]).await?;
        Ok(rows.into_iter().map(|row| (row.sequence.unsigned_abs(), Hit::from(row))).collect())
    }

    /// Opens a connection that hears of changes. `None` where the database tells nobody, and has to be asked.
    pub async fn listen(&self) -> StoreResult<Option<Listener>> {
        let Pool::Postgres(pool) = &self.read else { return Ok(None) };
        let mut inner = sqlx::postgres::PgListener::connect_with(pool).await?;
        // Whoever lost the connection opens another, and reads everything once in between.
        inner.eager_reconnect(false);
        inner.listen("sealgate").await?;
        Ok(Some(Listener { inner }))
    }
}

impl From<EntryRow> for Hit {
    fn from(row: EntryRow) -> Self {
        match (row.session, row.actor_type.zip(row.actor_id)) {
            (Some(session), _) => Self::Session(session.0),
            (None, Some((kind, id))) => Self::Actor(row.tenant.0, Actor { kind: kind.0, id: id.0 }),
            (None, None) => Self::Tenant(row.tenant.0),
        }
    }
}

/// A connection that hears of changes.
#[derive(Debug)]
pub struct Listener {
    inner: sqlx::postgres::PgListener,
}

impl Listener {
    /// Waits for a change; `false` when the connection is lost, and changes may have been missed.
    pub async fn heard(&mut self) -> bool {
        matches!(self.inner.try_recv().await, Ok(Some(_)))
    }
}
