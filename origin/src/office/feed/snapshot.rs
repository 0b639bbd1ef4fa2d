//! The snapshot: every entry that may still matter, up to a position.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use sealgate_shared::id::TenantId;
use sealgate_shared::revocation::{Entry, NoNonce, Position, write_snapshot};
use sealgate_shared::time::UnixMillis;
use tokio::sync::Mutex;

use super::Reader;
use crate::office::{Office, OfficeError};
use crate::random::{self, NoRandomness};
use crate::store::{Recorded, Stretch};

/// How many are kept: the one on offer, and the one before it.
const KEPT: usize = 2;
/// How long after its end an entry is left in, in milliseconds: an edge whose clock is behind may still take the token.
const MARGIN_MS: u64 = 60_000;

/// The last snapshots that were asked for, unsealed. One is made at a time, and who waits for it finds it made.
#[derive(Debug, Default)]
pub(super) struct Snapshots(Mutex<Vec<Arc<Snapshot>>>);

#[derive(Debug)]
struct Snapshot {
    position: Position,
    /// Of all tenants, in the order of the sequence.
    entries: Vec<Recorded>,
}

impl Snapshot {
    fn of(&self, tenants: &[TenantId]) -> Vec<Entry> {
        let tenants: HashSet<&TenantId> = tenants.iter().collect();
        let theirs = self.entries.iter().filter(|recorded| tenants.contains(&recorded.tenant));
        theirs.map(|recorded| recorded.entry.clone()).collect()
    }
}

impl Office {
    /// Makes the snapshot of that position, sealed to the edge that asks; `None` when it is of another epoch, or of a
    /// number that there is not.
    pub async fn seal_snapshot(&self, reader: Reader, position: Position) -> Result<Option<Vec<u8>>, OfficeError> {
        let own = self.memory.position();
        // The head that named it may have come from another origin, which was told of it earlier.
        if own.epoch != position.epoch || own < position {
            self.follow_since(Instant::now()).await?;
        }
        let own = self.memory.position();
        if own.epoch != position.epoch || own < position {
            return Ok(None);
        }
        let tenants = self.tenants_of(&reader).await?;
        let snapshot = self.snapshot(position).await?;
        // It takes a while when there are many, and nobody else is to wait for it.
        let sealing = tokio::task::spawn_blocking(move || seal(&snapshot, &tenants, &reader));
        let sealed = sealing.await.map_err(|_| OfficeError::Broken("a snapshot could not be sealed"))?;
        Ok(Some(sealed?))
    }

    async fn snapshot(&self, position: Position) -> Result<Arc<Snapshot>, OfficeError> {
        let mut kept = self.feed.snapshots.0.lock().await;
        if let Some(found) = kept.iter().find(|snapshot| snapshot.position == position) {
            return Ok(Arc::clone(found));
        }
        let base = kept.iter().filter(|snapshot| snapshot.position.epoch == position.epoch);
        let base = base.filter(|snapshot| snapshot.position < position).max_by_key(|snapshot| snapshot.position);
        let entries = self.read_alive(base.map(Arc::as_ref), position).await?;
        let made = Arc::new(Snapshot { position, entries });
        if kept.len() >= KEPT {
            kept.remove(0);
        }
        kept.push(Arc::clone(&made));
        Ok(made)
    }

    /// The entries up to the position that may still matter: those of an earlier snapshot, and what came behind it.
    async fn read_alive(&self, base: Option<&Snapshot>, position: Position) -> Result<Vec<Recorded>, OfficeError> {
        let alive_at = self.clock.now().minus(MARGIN_MS);
        let is_alive = |recorded: &&Recorded| recorded.entry.expires_at > alive_at;
        let mut entries: Vec<Recorded> =
            base.map_or_else(Vec::new, |base| base.entries.iter().filter(is_alive).cloned().collect());
        let mut after = match base {
            Some(base) => base.position.sequence,
            None => self.first_alive(alive_at, position).await?.saturating_sub(1),
        };
        while after < position.sequence {
            let stretch = Stretch { after, up_to: position.sequence, alive_at };
            let next = self.store.revocations_within(stretch).await?;
            after = next.last().map_or(position.sequence, |recorded| recorded.sequence);
            entries.extend(next);
        }
        Ok(entries)
    }

    /// Where to begin to read: most entries before it concern nobody any more.
    async fn first_alive(&self, alive_at: UnixMillis, position: Position) -> Result<u64, OfficeError> {
        Ok(self.store.first_alive(alive_at).await?.unwrap_or(position.sequence.saturating_add(1)))
    }
}

fn seal(snapshot: &Snapshot, tenants: &[TenantId], reader: &Reader) -> Result<Vec<u8>, OfficeError> {
    let making = random::draw()?;
    let mut lacking: Option<NoRandomness> = None;
    let written =
        write_snapshot(snapshot.position, &snapshot.of(tenants), making, (&reader.id, &reader.secret), || {
            random::draw().map_err(|error| {
                lacking = Some(error);
                NoNonce
            })
        });
    written.map_err(|_| lacking.map_or(OfficeError::Broken("a snapshot could not be sealed"), OfficeError::from))
}
