//! A survey for whoever watches: everything in one statement, so that it is of one moment and costs one question.

use sealgate_shared::revocation::Position;
use sealgate_shared::time::UnixMillis;

use super::timestamp::Timestamp;
use super::{Store, StoreResult};

/// The kinds of revocations.
pub const REVOCATION_KINDS: [&str; 4] = ["session", "actor", "tenant", "key"];

/// How many entries of the sequence are counted at once. What is left is counted the next time.
const STRETCH: u64 = 10_000;

/// Where things stand.
#[derive(Clone, Copy, Debug)]
pub struct Survey {
    pub position: Position,
    /// The version of the keyring.
    pub keyring: u64,
    pub active_keys: u64,
    pub pending_keys: u64,
    /// When the oldest of the active keys became active.
    pub oldest_active: Option<UnixMillis>,
    /// How many revocations of each kind there are behind the number that was given.
    pub revocations: [(&'static str, u64); REVOCATION_KINDS.len()],
    /// Up to which number they were counted.
    pub counted_to: u64,
    /// The position of the newest link of the audit table.
    pub audit_position: u64,
    /// Rows of it that have not been linked yet, counted up to 10,000,
    pub audit_unlinked: u64,
    /// and when the oldest of them was written.
    pub audit_waiting_since: Option<UnixMillis>,
}

impl Store {
    /// Surveys the database. Revocations behind the number `after` are counted, none without one.
    pub async fn survey(&self, after: Option<u64>) -> StoreResult<Survey> {
        // The first of the parts says of which types the columns are.
        const SQL: &str = "select 'active' as name, count(*) as count, min(activated_at) as since \
            from signing_keys where state = 'active' \
            union all select 'pending', count(*), null from signing_keys where state = 'pending' \
            union all select kind, count(*), null from revocations where sequence > $1 and sequence <= $2 group by kind \
            union all select name, value, null from counters where name in ('epoch', 'revocations', 'keyring') \
            union all select 'audit', position, null from audit_chain \
            union all select 'unlinked', count(*), (select at from audit where position is null order by id limit 1) \
            from (select id from audit where position is null order by id limit 10000) as waiting";
        let from = after.unwrap_or(u64::MAX);
        let up_to = from.saturating_add(STRETCH);
        let number = |sequence: u64| i64::try_from(sequence).unwrap_or(i64::MAX);
        let rows: Vec<(String, i64, Option<Timestamp>)> =
            self.read.fetch_all(SQL, &[&number(from), &number(up_to)]).await?;
        let value = |wanted: &str| {
            let row = rows.iter().find(|(name, ..)| name == wanted);
            row.map_or(0, |(_, value, _)| value.unsigned_abs())
        };
        let since = |wanted: &str| {
            let row = rows.iter().find(|(name, ..)| name == wanted);
            row.and_then(|(.., since)| since.map(|since| since.0))
        };
        let position = Position { epoch: value("epoch"), sequence: value("revocations") };
        Ok(Survey {
            position,
            keyring: value("keyring"),
            active_keys: value("active"),
            pending_keys: value("pending"),
            oldest_active: since("active"),
            revocations: REVOCATION_KINDS.map(|kind| (kind, value(kind))),
            counted_to: position.sequence.min(up_to),
            audit_position: value("audit"),
            audit_unlinked: value("unlinked"),
            audit_waiting_since: since("unlinked"),
        })
    }
}
