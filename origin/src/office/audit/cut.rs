//! Retention: what is old goes, from the beginning of the chain on.

use sealgate_shared::time::UnixMillis;

use super::link::{AuditKey, SealOf};
use super::{Link, Office, OfficeError};
use crate::iso8601;
use crate::store::AuditRecord;

/// How many rows go in one transaction.
const BATCH: i64 = 500;

impl Office {
    /// Deletes a batch of the oldest rows, as far as they were written at `before` or earlier; how many. The chain begins
    /// behind them from then on. What does not hang together stays: it is what `sealgate audit verify` is there to show.
    pub(in crate::office) async fn cut_audit(&self, before: UnixMillis) -> Result<u64, OfficeError> {
        if !self.store.is_audit_older(before).await? {
            return Ok(0);
        }
        let Some(mut lock) = self.store.lock_audit_chain().await? else { return Ok(0) };
        let key = self.open_audit_key(lock.chain())?;
        let checkpoint = key.open(SealOf::Checkpoint, &lock.chain().checkpoint);
        let checkpoint = checkpoint.ok_or(OfficeError::Broken("the checkpoint of the audit table is not ours"))?;
        let rows = lock.oldest_linked(BATCH).await?;
        let before = iso8601::format(before);
        let old = rows.iter().take_while(|row| row.at.as_slice() <= before.as_bytes());
        let last = follow(&key, checkpoint, old)?;
        if last.position == checkpoint.position {
            return Ok(0);
        }
        let cut = lock.cut(&key.seal(SealOf::Checkpoint, &last)).await?;
        lock.commit().await?;
        Ok(cut)
    }
}

/// The last link of these rows, if each follows from the one before.
fn follow<'r>(
    key: &AuditKey,
    mut link: Link,
    rows: impl Iterator<Item = &'r AuditRecord>,
) -> Result<Link, OfficeError> {
    for row in rows {
        let next = key.link(&link, row);
        if !next.is_of(row) {
            return Err(OfficeError::Broken(
                "rows of the audit table were changed and are kept; `sealgate audit verify` tells which",
            ));
        }
        link = next;
    }
    Ok(link)
}
