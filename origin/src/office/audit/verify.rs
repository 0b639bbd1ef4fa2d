//! Verifying: walking the chain from the checkpoint to its end.

use std::fmt;

use sealgate_shared::id::TenantId;
use sealgate_shared::time::UnixMillis;

use super::diagnose::Break;
use super::link::{AuditKey, SealOf};
use super::{Link, Office, OfficeError, ToldLink};
use crate::iso8601;
use crate::store::{AuditRecord, StoredChain};

/// How many rows are in memory at once.
pub(super) const PAGE: i64 = 1_000;
/// Rows are linked within seconds. One that was not after so long, in milliseconds, is told.
const PATIENCE_MS: u64 = 10 * 60_000;
/// How often to begin again because rows were deleted for their age meanwhile.
const TRIES: u32 = 5;

/// What verifying came to.
#[derive(Debug)]
pub struct AuditVerified {
    /// The link behind which the rows begin.
    pub checkpoint: Link,
    /// The newest link; the last one that was reached, if something was found.
    pub head: Link,
    /// How many rows hang together.
    pub rows: u64,
    /// How many rows wait for their links, counted up to 10,000.
    pub unlinked: u64,
    /// The first that is wrong.
    pub finding: Option<AuditFinding>,
}

/// A row, as far as it can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRowName {
    pub id: i64,
    pub position: Option<i64>,
    pub at: String,
    pub tenant: String,
    pub event: String,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuditFinding {
    #[error("{0} was changed after it had been linked")]
    Changed(AuditRowName),
    #[error("rows were removed behind position {after}: {count}")]
    Removed { after: u64, count: u64 },
    #[error("{0} was put in between: it is no link of the chain")]
    Inserted(AuditRowName),
    #[error("{0} was moved there from another place of the chain")]
    Moved(AuditRowName),
    #[error("the end was removed: the chain goes to position {to}, the rows to {after}")]
    EndRemoved { after: u64, to: u64 },
    #[error("{0} stands where rows were deleted for their age")]
    BeforeCheckpoint(AuditRowName),
    #[error("{0} stands behind the newest link")]
    BehindHead(AuditRowName),
    #[error("{row} has no link, though it is {minutes} min old: no origin links rows, or its link was removed")]
    Unlinked { row: AuditRowName, minutes: u64 },
    #[error("the chain's own row was changed: {0}")]
    Chain(&'static str),
    #[error(
        "the row that tells how tenant {0} was made is gone, and none was ever deleted for its age: the table was emptied"
    )]
    Emptied(TenantId),
    #[error("the rows of the database are not those of the log: position {0} has another link")]
    OtherHead(u64),
    #[error("rows are missing that the log tells of: it goes to position {log}, the chain to {chain}")]
    HeadBeyond { log: u64, chain: u64 },
    #[error(
        "position {log} of the log cannot be compared: the rows up to position {checkpoint} were deleted for their age"
    )]
    HeadCut { log: u64, checkpoint: u64 },
}

impl Office {
    /// Verifies that the rows of the audit table are what they were when they were linked, all of them and in that order;
    /// and, with what a log `told` of the chain, that it is the chain of that log.
    pub async fn verify_audit(&self, told: Option<&ToldLink>) -> Result<AuditVerified, OfficeError> {
        let mut tries = 1;
        loop {
            let before = self.store.audit_chain().await?;
            let verified = self.verify_chain(before.as_ref(), told).await?;
            // Rows that were deleted for their age while we walked are missing for good reason.
            let cut = self.store.audit_chain().await?.map(|chain| chain.checkpoint);
            if verified.finding.is_none() || tries == TRIES || cut == before.map(|chain| chain.checkpoint) {
                return Ok(verified);
            }
            tries += 1;
        }
    }

    async fn verify_chain(
        &self,
        chain: Option<&StoredChain>,
        told: Option<&ToldLink>,
    ) -> Result<AuditVerified, OfficeError> {
        let unlinked = self.store.unlinked_audit().await?.count;
        let mut verified =
            AuditVerified { checkpoint: Link::START, head: Link::START, rows: 0, unlinked, finding: None };
        verified.finding = match chain {
            Some(chain) => self.walk(chain, told, &mut verified).await?,
            None if self.store.last_audit_position().await? > 0 => Some(AuditFinding::Chain("it is gone")),
            None => told.and_then(|told| compare_end(told, &Link::START)),
        };
        if verified.finding.is_none() {
            verified.finding = self.find_emptied(&verified).await?;
        }
        if verified.finding.is_none() {
            verified.finding = self.find_unlinked().await?;
        }
        Ok(verified)
    }

    /// Goes from link to link, up to the one that is the newest by now; what is wrong first.
    async fn walk(
        &self,
        chain: &StoredChain,
        told: Option<&ToldLink>,
        verified: &mut AuditVerified,
    ) -> Result<Option<AuditFinding>, OfficeError> {
        let key = self.open_audit_key(chain)?;
        let Some(checkpoint) = key.open(SealOf::Checkpoint, &chain.checkpoint) else {
            return Ok(Some(AuditFinding::Chain("the checkpoint is not the one that was sealed")));
        };
        let Some(end) = key.open(SealOf::Head, &chain.head) else {
            return Ok(Some(AuditFinding::Chain("the newest link is not the one that was sealed")));
        };
        (verified.checkpoint, verified.head) = (checkpoint, checkpoint);
        if let Some(finding) = self.look_before(&checkpoint).await? {
            return Ok(Some(finding));
        }
        if let Some(finding) = told.and_then(|told| compare_start(told, &checkpoint)) {
            return Ok(Some(finding));
        }
        if let Some(finding) = self.follow_links(&key, &end, told, verified).await? {
            return Ok(Some(finding));
        }
        let at = verified.head;
        if at.position < end.position {
            return Ok(Some(AuditFinding::EndRemoved { after: at.position, to: end.position }));
        }
        if at != end {
            return Ok(Some(AuditFinding::Chain("the newest link is not that of the last row")));
        }
        if let Some(finding) = told.and_then(|told| compare_end(told, &at)) {
            return Ok(Some(finding));
        }
        self.look_behind(&key, &end).await
    }

    /// Follows the rows behind `verified.head` up to the position of `end`.
    async fn follow_links(
        &self,
        key: &AuditKey,
        end: &Link,
        told: Option<&ToldLink>,
        verified: &mut AuditVerified,
    ) -> Result<Option<AuditFinding>, OfficeError> {
        let mut after = (verified.head.stored_position(), i64::MAX);
        loop {
            let page = self.store.audit_records(after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(None) };
            after = (last.position.unwrap_or_default(), last.id);
            for row in &page {
                if row.position > Some(end.stored_position()) {
                    // Linked since we began, or else looked at later.
                    return Ok(None);
                }
                let next = key.link(&verified.head, row);
                if !next.is_of(row) {
                    let found = Break { store: &self.store, key, before: &verified.head, row };
                    return found.diagnose().await.map(Some);
                }
                if told.is_some_and(|told| told.position == next.position && !told.is(&next)) {
                    return Ok(Some(AuditFinding::OtherHead(next.position)));
                }
                (verified.head, verified.rows) = (next, verified.rows + 1);
            }
        }
    }

    /// Rows that should have been deleted, for the chain begins behind them.
    async fn look_before(&self, checkpoint: &Link) -> Result<Option<AuditFinding>, OfficeError> {
        let first = self.store.audit_records((i64::MIN, i64::MIN), 1).await?;
        let stray = first.first().filter(|row| row.position <= Some(checkpoint.stored_position()));
        Ok(stray.map(|row| AuditFinding::BeforeCheckpoint(name(row))))
    }

    /// Rows whose positions nobody has given out. They may have been given out since, by a link that hangs together with
    /// what we have seen.
    async fn look_behind(&self, key: &AuditKey, end: &Link) -> Result<Option<AuditFinding>, OfficeError> {
        let behind = self.store.audit_records((end.stored_position(), i64::MAX), 1).await?;
        let stray = behind.first().filter(|row| !key.link(end, row).is_of(row));
        Ok(stray.map(|row| AuditFinding::BehindHead(name(row))))
    }

    /// A chain that is gone together with all its rows, or was begun anew after that, hangs together. But as long as nothing
    /// has been cut off, every tenant's first row is there.
    async fn find_emptied(&self, verified: &AuditVerified) -> Result<Option<AuditFinding>, OfficeError> {
        if verified.checkpoint != Link::START {
            return Ok(None);
        }
        Ok(self.store.find_untold_tenant().await?.map(AuditFinding::Emptied))
    }

    async fn find_unlinked(&self) -> Result<Option<AuditFinding>, OfficeError> {
        let Some(oldest) = self.store.unlinked_audit().await?.oldest else { return Ok(None) };
        let Some(row) = self.store.audit_record(oldest).await? else { return Ok(None) };
        let name = name(&row);
        // A time that cannot be read was written by somebody else.
        let at = iso8601::parse(&name.at).unwrap_or(UnixMillis::EPOCH);
        let age = self.clock.now().since(at);
        let waits = row.position.is_none() && age > PATIENCE_MS;
        Ok(waits.then_some(AuditFinding::Unlinked { row: name, minutes: age / 60_000 }))
    }
}

/// Whether the log's link is one that can still be compared.
fn compare_start(told: &ToldLink, checkpoint: &Link) -> Option<AuditFinding> {
    if told.position < checkpoint.position {
        return Some(AuditFinding::HeadCut { log: told.position, checkpoint: checkpoint.position });
    }
    (told.position == checkpoint.position && !told.is(checkpoint)).then_some(AuditFinding::OtherHead(told.position))
}

/// Whether the chain goes as far as the log does.
fn compare_end(told: &ToldLink, end: &Link) -> Option<AuditFinding> {
    (told.position > end.position).then_some(AuditFinding::HeadBeyond { log: told.position, chain: end.position })
}

/// Names a row by what it says now, true or not.
pub(super) fn name(row: &AuditRecord) -> AuditRowName {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    AuditRowName {
        id: row.id,
        position: row.position,
        at: text(&row.at),
        tenant: text(&row.tenant),
        event: text(&row.event),
    }
}

impl fmt::Display for AuditRowName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {} ({} of {:?}, {}", self.id, self.event, self.tenant, self.at)?;
        match self.position {
            Some(position) => write!(f, ", position {position})"),
            None => write!(f, ")"),
        }
    }
}
