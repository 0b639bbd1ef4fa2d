//! Following what changes, whichever process changed it: the counters, and the sequence of revocations.

use sealgate_shared::id::{ActorId, ActorType, KeyId, SessionId, TenantId};
use sealgate_shared::revocation::{Entry, Position, Revoked};
use sealgate_shared::time::UnixMillis;
use sqlx::types::Text;

use super::engine::{Bind, Pool, Statement};
use super::timestamp::Timestamp;
use super::{Store, StoreResult};

/// How many entries are read at once.
const BATCH: i64 = 1_000;

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

/// An entry of the sequence of revocations, with its place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    pub sequence: u64,
    /// Whose tokens it is about.
    pub tenant: TenantId,
    pub created_at: UnixMillis,
    pub entry: Entry,
}

/// Which entries to read.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    /// Those with greater numbers,
    pub after: u64,
    /// up to this one,
    pub up_to: u64,
    /// that concern tokens which may be alive then.
    pub alive_at: UnixMillis,
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    sequence: i64,
    tenant: Text<TenantId>,
    session: Option<Text<SessionId>>,
    actor_type: Option<Text<ActorType>>,
    actor_id: Option<Text<ActorId>>,
    signing_key: Option<Text<KeyId>>,
    except_session: Option<Text<SessionId>>,
    issued_before: Option<Timestamp>,
    created_at: Timestamp,
    expires_at: Timestamp,
}

macro_rules! select_entries {
    ($condition:literal, $limit:literal) => {
        concat!(
            "select sequence, tenant, session, actor_type, actor_id, signing_key, except_session, issued_before, \
             created_at, expires_at from revocations where sequence > $1",
            $condition,
            " order by sequence limit ",
            $limit
        )
    };
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

    /// The entries behind `sequence`, in order; a batch at a time.
    pub async fn revocations_after(&self, sequence: u64) -> StoreResult<Vec<Recorded>> {
        const SQL: &str = select_entries!("", "$2");
        let rows: Vec<EntryRow> = self.read.fetch_all(SQL, &[&number(sequence), &BATCH]).await?;
        Ok(rows.into_iter().map(Recorded::from).collect())
    }

    /// The entries of a stretch, in order; a batch at a time.
    pub async fn revocations_within(&self, stretch: Stretch) -> StoreResult<Vec<Recorded>> {
        const SQL: &str = select_entries!(" and sequence <= $2 and expires_at > $3", "$4");
        let values: [&dyn Bind; 4] =
            [&number(stretch.after), &number(stretch.up_to), &Timestamp(stretch.alive_at), &BATCH];
        let rows: Vec<EntryRow> = self.read.fetch_all(SQL, &values).await?;
        Ok(rows.into_iter().map(Recorded::from).collect())
    }

    /// The number of the first entry that concerns tokens which may be alive then.
    pub async fn first_alive(&self, alive_at: UnixMillis) -> StoreResult<Option<u64>> {
        const SQL: &str = "select min(sequence) from revocations where expires_at > $1";
        let (first,): (Option<i64>,) = self.read.fetch_one(SQL, &[&Timestamp(alive_at)]).await?;
        Ok(first.map(i64::unsigned_abs))
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

fn number(sequence: u64) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}

impl From<EntryRow> for Recorded {
    fn from(row: EntryRow) -> Self {
        // Which columns are filled says what kind it is: the table's checks see to it.
        let issued_before = row.issued_before.map_or(UnixMillis::MAX, |before| before.0);
        let tenant = row.tenant.0;
        let revoked = match (row.session, row.signing_key, row.actor_type.zip(row.actor_id)) {
            (Some(session), ..) => Revoked::Session(session.0),
            (None, Some(key), _) => Revoked::Key(key.0),
            (None, None, Some((kind, id))) => Revoked::Actor {
                tenant: tenant.clone(),
                actor_type: kind.0,
                actor_id: id.0,
                except: row.except_session.map(|session| session.0),
                issued_before,
            },
            (None, None, None) => Revoked::Tenant { tenant: tenant.clone(), issued_before },
        };
        Self {
            sequence: row.sequence.unsigned_abs(),
            tenant,
            created_at: row.created_at.0,
            entry: Entry { revoked, expires_at: row.expires_at.0 },
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
