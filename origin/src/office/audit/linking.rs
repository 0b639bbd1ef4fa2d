//! Linking: one origin at a time takes what has been written since, and goes on with the chain.

use tokio::time::Instant;

use super::link::SealOf;
use super::{Link, Office, OfficeError};
use crate::store::{ChainLock, NewLink};

/// How many rows are linked in one transaction: whoever waits for it does not wait long.
const BATCH: i64 = 500;

/// What a round of linking did.
#[derive(Clone, Copy, Debug, Default)]
pub struct Linked {
    pub rows: u64,
    /// The newest link, if this round made it.
    pub head: Option<Link>,
    /// Whether there was not enough time for everything.
    pub unfinished: bool,
}

impl Office {
    /// Links the rows of the audit table that have no link yet, until there are none left or the time is up. Where another
    /// origin is at it, that is left to it.
    pub async fn link_audit(&self, until: Instant) -> Result<Linked, OfficeError> {
        let mut done = Linked::default();
        if self.store.unlinked_audit().await?.count == 0 {
            return Ok(done);
        }
        if self.store.audit_chain().await?.is_none() {
            self.begin_audit_chain().await?;
            if self.store.audit_chain().await?.is_none() {
                return Err(OfficeError::Broken("rows of the audit table have links, and the chain's key is gone"));
            }
        }
        loop {
            let Some(lock) = self.store.lock_audit_chain().await? else { return Ok(done) };
            let (rows, head) = self.link_batch(lock).await?;
            if rows > 0 {
                (done.rows, done.head) = (done.rows + rows, Some(head));
            }
            if rows < BATCH.unsigned_abs() {
                return Ok(done);
            }
            if Instant::now() >= until {
                return Ok(Linked { unfinished: true, ..done });
            }
        }
    }

    async fn link_batch(&self, mut lock: ChainLock) -> Result<(u64, Link), OfficeError> {
        let key = self.open_audit_key(lock.chain())?;
        // To go on from a link that was put there would make good what somebody has cut off.
        let head = key.open(SealOf::Head, &lock.chain().head);
        let mut head =
            head.ok_or(OfficeError::Broken("the newest link of the audit table is not the one that was made"))?;
        let rows = lock.unlinked(BATCH).await?;
        if rows.is_empty() {
            return Ok((0, head));
        }
        let mut links = Vec::with_capacity(rows.len());
        for row in &rows {
            head = key.link(&head, row);
            links.push(NewLink { id: row.id, position: head.stored_position(), mac: head.mac });
        }
        if !lock.link(&links, &key.seal(SealOf::Head, &head)).await? {
            return Err(OfficeError::Broken("rows of the audit table were linked by somebody else"));
        }
        lock.commit().await?;
        Ok((u64::try_from(rows.len()).unwrap_or(u64::MAX), head))
    }
}
