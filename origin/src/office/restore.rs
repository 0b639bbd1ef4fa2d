//! What becomes of a database that was restored from a backup.
//!
//! It has forgotten what was revoked since the backup was made, keys included, and it counts anew where edges and other
//! origins have seen it count before. So it begins a new epoch, whose keyring is newer than any that was ever handed
//! out; and unless the operator says otherwise every key of the backup is revoked, and with them all sessions.

use super::{Office, OfficeError};
use crate::store::{KeyState, Shown};

/// What becomes of the sessions of a restored database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterRestore {
    /// They end: nobody knows which of them had been revoked.
    EndSessions,
    /// They go on, and so does what had been revoked since the backup.
    KeepSessions,
}

impl Office {
    /// Begins a new epoch because the database was restored. With what somebody has `shown` of it, only if it has not got
    /// that far. Whether one was begun.
    pub async fn begin_epoch(&self, shown: Option<Shown>, then: AfterRestore) -> Result<bool, OfficeError> {
        let vouched = then == AfterRestore::KeepSessions;
        let begun = self.store.begin_epoch(shown, vouched, self.clock.now()).await?;
        if begun {
            self.end_unvouched().await?;
        }
        Ok(begun)
    }

    /// As [`Self::begin_epoch`], with what the settings say about sessions.
    pub async fn suspect_restore(&self, shown: Shown) -> Result<bool, OfficeError> {
        let then = self.settings.after_restore;
        let begun = self.begin_epoch(Some(shown), then).await?;
        if begun {
            tracing::error!(?then, "the database was older than what had been seen of it: a backup was restored");
        }
        Ok(begun)
    }

    /// Ends the sessions that nobody can vouch for, if there are any. A process that stopped half-way is no matter:
    /// whichever comes next goes on.
    pub async fn end_unvouched(&self) -> Result<(), OfficeError> {
        if self.store.is_vouched().await? {
            return Ok(());
        }
        for tenant in self.store.list_tenants(self.clock.now()).await? {
            let keys = self.store.keys_of(&tenant.id).await?;
            if let Some(active) = keys.iter().find(|key| key.state == KeyState::Active) {
                self.revoke_keys(&tenant.id, active.id, true).await?;
            }
        }
        self.store.vouch().await?;
        self.notice().await;
        Ok(())
    }

    /// Takes note of a failover or restore that `PostgreSQL` tells of by a new timeline.
    pub async fn note_timeline(&self) {
        match self.store.note_timeline().await {
            Ok(false) => {}
            Ok(true) => {
                tracing::warn!(
                    "PostgreSQL has begun a new timeline: after a restore, rather than a failover, run `sealgate db restored`"
                );
                if let Err(error) = self.begin_epoch(None, AfterRestore::KeepSessions).await {
                    tracing::warn!(%error, "no new epoch could be begun");
                }
            }
            // Not everything that speaks PostgreSQL's protocol has timelines.
            Err(error) => tracing::debug!(%error, "the database does not tell its timeline"),
        }
    }
}
