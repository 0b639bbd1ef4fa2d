//! What has become of a chain where it does not go on as it should.

use super::link::AuditKey;
use super::verify::{PAGE, name};
use super::{AuditFinding, Link, OfficeError};
use crate::store::{AuditRecord, Store, StoreResult};

/// How many rows may have been taken out, and those that follow put in their places, for it to be seen.
const MOST_REMOVED: u64 = 1_000;

/// A chain that is broken behind `before`, where `row` stands.
pub(super) struct Break<'a> {
    pub(super) store: &'a Store,
    pub(super) key: &'a AuditKey,
    pub(super) before: &'a Link,
    pub(super) row: &'a AuditRecord,
}

impl Break<'_> {
    pub(super) async fn diagnose(&self) -> Result<AuditFinding, OfficeError> {
        let missing = self.row.position.unwrap_or_default() - self.before.stored_position() - 1;
        if missing < 0 {
            // Its position is that of the row before, which has the right link.
            return Ok(AuditFinding::Inserted(name(self.row)));
        }
        if let Some(genuine) = self.find_genuine().await? {
            if missing > 0 {
                return Ok(AuditFinding::Moved(name(&genuine)));
            }
            let row = name(self.row);
            let moved = self.is_of_the_chain(&genuine).await?;
            return Ok(if moved { AuditFinding::Moved(row) } else { AuditFinding::Inserted(row) });
        }
        let removed = if missing > 0 { Some(missing.unsigned_abs()) } else { self.count_taken_out().await? };
        Ok(match removed {
            Some(count) => AuditFinding::Removed { after: self.before.position, count },
            None => AuditFinding::Changed(name(self.row)),
        })
    }

    /// The row that belongs here, if it stands somewhere else.
    async fn find_genuine(&self) -> StoreResult<Option<AuditRecord>> {
        let mut rest = self.rest();
        while let Some(page) = rest.next().await? {
            if let Some(row) = page.into_iter().find(|row| self.key.link(self.before, row).is_mac_of(row)) {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    /// Whether our row has its place further on, in the chain that `genuine` begins and whose other rows stand in order.
    async fn is_of_the_chain(&self, genuine: &AuditRecord) -> StoreResult<bool> {
        let mut link = self.key.link(self.before, genuine);
        let mut rest = self.rest();
        while let Some(page) = rest.next().await? {
            for row in page.iter().filter(|row| row.id != genuine.id) {
                if self.key.link(&link, self.row).is_mac_of(self.row) {
                    return Ok(true);
                }
                let next = self.key.link(&link, row);
                if next.is_mac_of(row) {
                    link = next;
                }
            }
        }
        Ok(self.key.link(&link, self.row).is_mac_of(self.row))
    }

    /// How many rows were taken out before ours, when those that follow were given new positions: their links are over
    /// the old ones.
    async fn count_taken_out(&self) -> StoreResult<Option<u64>> {
        let Some(mac) = self.row.mac.as_deref().and_then(|mac| mac.try_into().ok()) else { return Ok(None) };
        let link = Link { position: self.before.position + 1, mac };
        let mut rest = self.rest();
        let Some(page) = rest.next().await? else { return Ok(None) };
        let Some(next) = page.iter().find(|row| row.position > self.row.position) else { return Ok(None) };
        let shift = (0..=MOST_REMOVED).find(|by| self.key.link_at(&link, link.position + 1 + by, next).is_mac_of(next));
        // Not shifted at all: it is the row itself that was changed.
        Ok(shift.filter(|by| *by > 0))
    }

    fn rest(&self) -> Rest<'_> {
        Rest { store: self.store, after: (self.before.stored_position(), i64::MAX) }
    }
}

/// The rows behind a place, page by page.
struct Rest<'a> {
    store: &'a Store,
    after: (i64, i64),
}

impl Rest<'_> {
    async fn next(&mut self) -> StoreResult<Option<Vec<AuditRecord>>> {
        let page = self.store.audit_records(self.after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(None) };
        self.after = (last.position.unwrap_or_default(), last.id);
        Ok(Some(page))
    }
}
