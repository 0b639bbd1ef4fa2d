//! An edge's secrets: one, and while it is rotated a second one beside it.

use sealgate_shared::id::EdgeId;
use sealgate_shared::time::UnixMillis;

use super::note;
use crate::credential::EdgeSlot;
use crate::store::audit::AuditEvent;
use crate::store::engine::{Bind, Transaction};
use crate::store::{Store, StoreResult, counters};

/// An edge's secret to be stored.
#[derive(Debug)]
pub struct NewEdgeSecret {
    pub sealed: Vec<u8>,
    pub auth_hash: [u8; 32],
}

/// What came of adding a second secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotationStart {
    Started,
    /// There are two already.
    UnderWay,
    /// There is no such edge, or it was revoked.
    NotFound,
}

impl Store {
    /// The edge's sealed secret; `None` when there is no such edge, or nothing in that slot.
    pub async fn edge_secret(&self, id: &EdgeId, slot: EdgeSlot) -> StoreResult<Option<Vec<u8>>> {
        const CURRENT: &str = "select sealed_secret from edges where id = $1 and revoked_at is null";
        const NEXT: &str = "select next_sealed_secret from edges where id = $1 and revoked_at is null";
        let sql = match slot {
            EdgeSlot::Current => CURRENT,
            EdgeSlot::Next => NEXT,
        };
        let row: Option<(Option<Vec<u8>>,)> = self.read.fetch_optional(sql, &[&id.as_str()]).await?;
        Ok(row.and_then(|(sealed,)| sealed))
    }

    /// The sealed secret that a proof with this hash was made with, and its slot.
    pub async fn edge_secret_of(&self, id: &EdgeId, proof: &[u8; 32]) -> StoreResult<Option<(EdgeSlot, Vec<u8>)>> {
        const SQL: &str = "select auth_hash = $2, case when auth_hash = $2 then sealed_secret else next_sealed_secret end \
            from edges where id = $1 and revoked_at is null and (auth_hash = $2 or next_auth_hash = $2)";
        let row: Option<(bool, Vec<u8>)> = self.read.fetch_optional(SQL, &[&id.as_str(), &proof.as_slice()]).await?;
        Ok(row.map(|(current, sealed)| (if current { EdgeSlot::Current } else { EdgeSlot::Next }, sealed)))
    }

    /// Adds a second secret; from now on both are accepted.
    pub async fn start_edge_rotation(
        &self,
        id: &EdgeId,
        next: &NewEdgeSecret,
        now: UnixMillis,
    ) -> StoreResult<RotationStart> {
        const SQL: &str = "update edges set next_sealed_secret = $1, next_auth_hash = $2 \
            where id = $3 and revoked_at is null and next_sealed_secret is null";
        let values: [&dyn Bind; 3] = [&next.sealed, &next.auth_hash.as_slice(), &id.as_str()];
        if self.change_edge(SQL, &values, (id, "was given a second secret"), now).await? {
            return Ok(RotationStart::Started);
        }
        let there = self.edge_secret(id, EdgeSlot::Current).await?;
        Ok(if there.is_some() { RotationStart::UnderWay } else { RotationStart::NotFound })
    }

    /// Makes the second secret the only one. `held` is how it is sealed in its slot, `moved` the same secret sealed for
    /// the other; `false`, and nothing is changed, when the slot does not hold that any more.
    pub async fn finish_edge_rotation(
        &self,
        id: &EdgeId,
        held: &[u8],
        moved: &[u8],
        now: UnixMillis,
    ) -> StoreResult<bool> {
        const SQL: &str = "update edges set sealed_secret = $1, auth_hash = next_auth_hash, \
            next_sealed_secret = null, next_auth_hash = null \
            where id = $2 and revoked_at is null and next_sealed_secret = $3";
        let what = "goes by its second secret alone";
        self.change_edge(SQL, &[&moved, &id.as_str(), &held], (id, what), now).await
    }

    /// Drops the second secret; `false` when there was none.
    pub async fn cancel_edge_rotation(&self, id: &EdgeId, now: UnixMillis) -> StoreResult<bool> {
        const SQL: &str = "update edges set next_sealed_secret = null, next_auth_hash = null \
            where id = $1 and revoked_at is null and next_sealed_secret is not null";
        self.change_edge(SQL, &[&id.as_str()], (id, "goes by its first secret alone"), now).await
    }

    /// Changes one edge, and says so to all who remember it: to its keyring, too, which is sealed to its secrets.
    async fn change_edge(
        &self,
        sql: &'static str,
        values: &[&dyn Bind],
        (edge, what): (&EdgeId, &'static str),
        now: UnixMillis,
    ) -> StoreResult<bool> {
        let mut transaction: Transaction = self.write.begin().await?;
        counters::bump_keyring(&mut transaction).await?;
        counters::bump_credentials(&mut transaction).await?;
        if transaction.execute(sql, values).await? == 0 {
            return Ok(false);
        }
        note(&mut transaction, edge, AuditEvent::EdgeRotated, what, now).await?;
        transaction.commit().await?;
        Ok(true)
    }
}
