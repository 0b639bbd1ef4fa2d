//! The chain through the rows: what the office links, cuts and verifies it by. What a link is made of is the office's to
//! know; here are bytes.

use sealgate_shared::time::UnixMillis;
use serde_json::{Value, json};

use crate::store::engine::{Bind, Statement, Transaction};
use crate::store::timestamp::Timestamp;
use crate::store::{Store, StoreResult};

/// A row, byte for byte: who changes the table need not write what we can read.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct AuditRecord {
    pub id: i64,
    /// ISO 8601 UTC with milliseconds, whichever database it is.
    pub at: Vec<u8>,
    pub tenant: Vec<u8>,
    pub event: Vec<u8>,
    pub session: Option<Vec<u8>>,
    pub actor_type: Option<Vec<u8>>,
    pub actor_id: Option<Vec<u8>>,
    pub detail: Option<Vec<u8>>,
    /// Its place in the chain, and its link; `None` until it has been linked.
    pub position: Option<i64>,
    pub mac: Option<Vec<u8>>,
}

/// A link of the chain, and a MAC over it where the chain says that this is where it ends or begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredLink {
    pub position: i64,
    pub mac: Vec<u8>,
    pub seal: Vec<u8>,
}

/// A link to be written down.
#[derive(Clone, Copy, Debug)]
pub struct NewLink {
    /// The row's.
    pub id: i64,
    pub position: i64,
    pub mac: [u8; 32],
}

/// The chain as a whole.
#[derive(Clone, Debug)]
pub struct StoredChain {
    pub sealed_key: Vec<u8>,
    /// The newest link.
    pub head: StoredLink,
    /// The last link whose row was deleted.
    pub checkpoint: StoredLink,
}

#[derive(sqlx::FromRow)]
struct ChainRow {
    sealed_key: Vec<u8>,
    position: i64,
    mac: Vec<u8>,
    seal: Vec<u8>,
    checkpoint_position: i64,
    checkpoint_mac: Vec<u8>,
    checkpoint_seal: Vec<u8>,
}

/// Rows that no link has been made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unlinked {
    /// Counted up to 10,000.
    pub count: u64,
    /// The id of the oldest.
    pub oldest: Option<i64>,
}

macro_rules! record {
    ($text:ident, $at:literal, $rest:literal) => {
        concat!(
            "select id, ",
            $at,
            " as at, ",
            $text!("tenant"),
            ", ",
            $text!("event"),
            ", ",
            $text!("session"),
            ", ",
            $text!("actor_type"),
            ", ",
            $text!("actor_id"),
            ", ",
            $text!("detail"),
            ", position, mac from audit where ",
            $rest
        )
    };
}

macro_rules! bytes_in_sqlite {
    ($column:literal) => {
        concat!("cast(", $column, " as blob) as ", $column)
    };
}

macro_rules! bytes_in_postgres {
    ($column:literal) => {
        concat!("convert_to(", $column, ", 'UTF8') as ", $column)
    };
}

/// Makes a statement that answers records. Microseconds, which nobody of ours writes, show in the time.
macro_rules! record_statement {
    ($rest:literal) => {
        Statement {
            sqlite: record!(bytes_in_sqlite, "cast(at as blob)", $rest),
            postgres: record!(
                bytes_in_postgres,
                "convert_to(regexp_replace(to_char(audit.at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US'), \
                 '000$', '') || 'Z', 'UTF8')",
                $rest
            ),
        }
    };
}

macro_rules! chain {
    ($lock:literal) => {
        concat!(
            "select sealed_key, position, mac, seal, checkpoint_position, checkpoint_mac, checkpoint_seal \
             from audit_chain",
            $lock
        )
    };
}

impl Store {
    /// The chain, once it has been begun.
    pub async fn audit_chain(&self) -> StoreResult<Option<StoredChain>> {
        let row: Option<ChainRow> = self.read.fetch_optional(chain!(""), &[]).await?;
        Ok(row.map(StoredChain::from))
    }

    /// Begins the chain, unless there is one, or there are links of one that is gone.
    pub async fn begin_audit_chain(&self, chain: &StoredChain) -> StoreResult<()> {
        const SQL: &str = "insert into audit_chain (id, sealed_key, position, mac, seal, \
            checkpoint_position, checkpoint_mac, checkpoint_seal) select 'audit', $1, $2, $3, $4, $5, $6, $7 \
            where not exists (select 1 from audit where position is not null) on conflict (id) do nothing";
        let (head, checkpoint) = (&chain.head, &chain.checkpoint);
        let values: [&dyn Bind; 7] = [
            &chain.sealed_key,
            &head.position,
            &head.mac,
            &head.seal,
            &checkpoint.position,
            &checkpoint.mac,
            &checkpoint.seal,
        ];
        self.write.execute(SQL, &values).await.map(drop)
    }

    /// Rows that have not been linked.
    pub async fn unlinked_audit(&self) -> StoreResult<Unlinked> {
        const SQL: &str = "select count(*), min(id) from \
            (select id from audit where position is null order by id limit 10000) as waiting";
        let (count, oldest): (i64, Option<i64>) = self.read.fetch_one(SQL, &[]).await?;
        Ok(Unlinked { count: count.unsigned_abs(), oldest })
    }

    /// The newest position that a row has.
    pub async fn last_audit_position(&self) -> StoreResult<i64> {
        const SQL: &str = "select coalesce(max(position), 0) from audit where position is not null";
        let (last,): (i64,) = self.read.fetch_one(SQL, &[]).await?;
        Ok(last)
    }

    /// Whether the oldest link is of a row that was written then or earlier.
    pub async fn is_audit_older(&self, than: UnixMillis) -> StoreResult<bool> {
        const SQL: &str = "select at <= $1 from audit where position is not null order by position limit 1";
        let row: Option<(bool,)> = self.read.fetch_optional(SQL, &[&Timestamp(than)]).await?;
        Ok(row.is_some_and(|(older,)| older))
    }

    /// Linked rows in the order of the chain, from behind this position and id on.
    pub async fn audit_records(&self, after: (i64, i64), limit: i64) -> StoreResult<Vec<AuditRecord>> {
        const SQL: Statement =
            record_statement!("position >= $1 and (position > $1 or id > $2) order by position, id limit $3");
        self.read.fetch_all(SQL, &[&after.0, &after.1, &limit]).await
    }

    /// One row.
    pub async fn audit_record(&self, id: i64) -> StoreResult<Option<AuditRecord>> {
        const SQL: Statement = record_statement!("id = $1");
        self.read.fetch_optional(SQL, &[&id]).await
    }
}

/// The chain, locked: one process at a time makes links or cuts them off. Dropped without a commit, nothing has changed.
#[derive(Debug)]
pub struct ChainLock {
    transaction: Transaction,
    chain: StoredChain,
}

impl Store {
    /// Takes the chain for oneself; `None` when there is none, or another process has it.
    pub async fn lock_audit_chain(&self) -> StoreResult<Option<ChainLock>> {
        const SQL: Statement = Statement { sqlite: chain!(""), postgres: chain!(" for update skip locked") };
        let mut transaction = self.write.begin().await?;
        let row: Option<ChainRow> = transaction.fetch_optional(SQL, &[]).await?;
        Ok(row.map(|row| ChainLock { transaction, chain: row.into() }))
    }
}

impl ChainLock {
    /// The chain as it is now.
    pub const fn chain(&self) -> &StoredChain {
        &self.chain
    }

    /// The oldest rows that have not been linked.
    pub async fn unlinked(&mut self, limit: i64) -> StoreResult<Vec<AuditRecord>> {
        const SQL: Statement = record_statement!("position is null order by id limit $1");
        self.transaction.fetch_all(SQL, &[&limit]).await
    }

    /// The rows behind the checkpoint.
    pub async fn oldest_linked(&mut self, limit: i64) -> StoreResult<Vec<AuditRecord>> {
        const SQL: Statement = record_statement!("position > $1 order by position limit $2");
        self.transaction.fetch_all(SQL, &[&self.chain.checkpoint.position, &limit]).await
    }

    /// Writes down these links, and that the last of them is the newest; whether every row was still without one.
    pub async fn link(&mut self, links: &[NewLink], head: &StoredLink) -> StoreResult<bool> {
        const SQL: Statement = Statement {
            sqlite: "update audit set position = new.value ->> 'position', mac = unhex(new.value ->> 'mac') \
                from json_each($1) as new where audit.id = new.value ->> 'id' and audit.position is null",
            postgres: "update audit set position = new.position, mac = decode(new.mac, 'hex') \
                from jsonb_to_recordset($1::jsonb) as new (id bigint, position bigint, mac text) \
                where audit.id = new.id and audit.position is null",
        };
        const HEAD: &str = "update audit_chain set position = $1, mac = $2, seal = $3";
        let rows = links.iter().map(|link| {
            let mac = hex::encode(link.mac);
            json!({ "id": link.id, "position": link.position, "mac": mac })
        });
        let rows = Value::Array(rows.collect()).to_string();
        let linked = self.transaction.execute(SQL, &[&rows]).await?;
        self.transaction.execute(HEAD, &[&head.position, &head.mac, &head.seal]).await?;
        Ok(usize::try_from(linked) == Ok(links.len()))
    }

    /// Deletes the rows up to this link, which becomes the checkpoint; how many there were.
    pub async fn cut(&mut self, checkpoint: &StoredLink) -> StoreResult<u64> {
        const SQL: &str = "update audit_chain set checkpoint_position = $1, checkpoint_mac = $2, checkpoint_seal = $3";
        const DELETE: &str = "delete from audit where position <= $1";
        let values: [&dyn Bind; 3] = [&checkpoint.position, &checkpoint.mac, &checkpoint.seal];
        self.transaction.execute(SQL, &values).await?;
        self.transaction.execute(DELETE, &[&checkpoint.position]).await
    }

    /// Makes it true, and lets others have the chain.
    pub async fn commit(self) -> StoreResult<()> {
        self.transaction.commit().await
    }
}

impl From<ChainRow> for StoredChain {
    fn from(row: ChainRow) -> Self {
        Self {
            sealed_key: row.sealed_key,
            head: StoredLink { position: row.position, mac: row.mac, seal: row.seal },
            checkpoint: StoredLink {
                position: row.checkpoint_position,
                mac: row.checkpoint_mac,
                seal: row.checkpoint_seal,
            },
        }
    }
}
