//! Reading what has changed, and answering from what is known.

use std::time::{Duration, Instant};

use sealgate_shared::id::{SessionId, TenantId};
use tokio::sync::Notify;
use tokio::time::sleep;

use super::Memory;
use super::recent::{self, Recent};
use crate::office::{Office, OfficeError};
use crate::store::{Recorded, SessionFacts, Shown, Standing};

/// How often the database is asked what has changed.
const POLL: Duration = Duration::from_millis(250);

/// What a reading found.
#[derive(Debug)]
pub(super) enum Seen {
    /// The database is where it was, or further.
    Onward,
    /// It is behind what was seen in it before.
    Backward(Shown),
}

/// Whether a session is live, and as of when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionStanding {
    /// Neither revoked, nor past its absolute expiry, nor of another tenant, nor unknown.
    pub live: bool,
    /// How old the reading is that says so.
    pub age: Duration,
    /// The version of the keyring, where it is known without asking.
    pub keyring: Option<u64>,
}

impl Office {
    /// Notices a change of our own. Called before it is acknowledged, so that this origin at least never contradicts
    /// itself.
    pub(in crate::office) async fn notice(&self) {
        if !matches!(self.read_changes(Instant::now()).await, Ok(Seen::Onward)) {
            // The change is made; only memory does not know of it. So it is not answered from until it does.
            self.memory.change(|followed| followed.read_at = None);
        }
    }

    /// Reads what has changed since the last time, whoever changed it.
    pub async fn follow(&self) -> Result<(), OfficeError> {
        self.follow_since(Instant::now()).await
    }

    /// As [`Self::follow`], for somebody who asked at that moment: memory reflects everything that was committed by
    /// then. Of many who ask meanwhile one reads for all.
    pub(in crate::office) async fn follow_since(&self, asked: Instant) -> Result<(), OfficeError> {
        if let Seen::Backward(shown) = self.read_changes(asked).await? {
            self.suspect_restore(shown).await?;
            self.read_changes(Instant::now()).await?;
        }
        Ok(())
    }

    /// Reads what has changed, unless that was done since `asked`.
    async fn read_changes(&self, asked: Instant) -> Result<Seen, OfficeError> {
        self.memory.readings.share(asked, |began| self.read_changes_now(began)).await
    }

    async fn read_changes_now(&self, began: Instant) -> Result<Seen, OfficeError> {
        let standing = self.store.standing().await?;
        if let Some(time) = standing.time {
            self.clock.compare(time, began.elapsed());
        }
        let known = self.memory.followed().standing;
        if standing.position < known.position || standing.keyring < known.keyring {
            self.memory.change(|followed| followed.read_at = None);
            return Ok(Seen::Backward(Shown { keyring: known.keyring, position: known.position }));
        }
        if standing.position.epoch != known.position.epoch {
            let recent = self.read_recent(standing.position.sequence).await?;
            self.memory.begin_epoch(standing, recent);
        }
        while self.memory.position() < standing.position {
            let after = self.memory.position().sequence;
            let entries = self.store.revocations_after(after).await?;
            // Entries that were swept concern no living token.
            let last = entries.last().map_or(standing.position.sequence, |recorded| recorded.sequence);
            self.memory.apply(entries, last);
        }
        self.memory.change(|followed| {
            followed.standing = Standing { position: followed.standing.position, ..standing };
            followed.read_at = Some(began);
        });
        Ok(Seen::Onward)
    }

    /// The last entries up to that number.
    async fn read_recent(&self, up_to: u64) -> Result<Recent, OfficeError> {
        let after = up_to.saturating_sub(u64::try_from(recent::MOST).unwrap_or(u64::MAX));
        let mut entries: Vec<Recorded> = Vec::new();
        loop {
            let newest = entries.last().map_or(after, |recorded| recorded.sequence);
            let next = self.store.revocations_after(newest).await?;
            let is_last = next.last().is_none_or(|recorded| recorded.sequence >= up_to);
            entries.extend(next.into_iter().filter(|recorded| recorded.sequence <= up_to));
            if is_last {
                return Ok(Recent::new(after, entries));
            }
        }
    }

    /// Follows until dropped.
    pub async fn keep_following(&self, notify: bool) {
        let woken = Notify::new();
        self.memory.change(|followed| followed.kept_up = true);
        let _off = Following(&self.memory);
        tokio::join!(self.poll(&woken), self.hear(&woken, notify));
    }

    async fn poll(&self, woken: &Notify) {
        let mut failing = false;
        loop {
            let read = self.follow().await;
            if let Err(error) = &read
                && !failing
            {
                tracing::warn!(%error, "the database cannot be followed; answers wait for it");
            }
            failing = read.is_err();
            tokio::select! {
                () = woken.notified() => {}
                () = sleep(POLL) => {}
            }
        }
    }

    /// Wakes the poll as soon as the database tells of a change.
    async fn hear(&self, woken: &Notify, notify: bool) {
        /// Between two tries at a server that is gone.
        const BREATHER: Duration = Duration::from_secs(1);
        if !notify {
            return;
        }
        loop {
            match self.store.listen().await {
                Ok(None) => return,
                Ok(Some(mut listener)) => {
                    while listener.heard().await {
                        woken.notify_one();
                    }
                }
                Err(error) => tracing::debug!(%error, "the database's notifications cannot be heard"),
            }
            woken.notify_one();
            sleep(BREATHER).await;
        }
    }

    /// Whether the session is live: from memory, or `exact`ly, from its row.
    pub async fn session_standing(
        &self,
        tenant: &TenantId,
        id: SessionId,
        exact: bool,
    ) -> Result<SessionStanding, OfficeError> {
        let now = self.clock.now();
        let judge = |facts: &SessionFacts| facts.tenant == *tenant && !facts.revoked && facts.absolute_expires_at > now;
        let known = self.memory.standing();
        let keyring = known.map(|(standing, _)| standing.keyring);
        if !exact
            && let Some((_, age)) = known
            && let Some(facts) = self.memory.sessions.get(id)
        {
            return Ok(SessionStanding { live: judge(&facts), age, keyring });
        }
        let facts = self.store.session_facts(id).await?;
        let live = facts.as_ref().is_some_and(judge);
        if let Some(facts) = facts {
            self.memory.remember(id, facts);
        }
        Ok(SessionStanding { live, age: Duration::ZERO, keyring })
    }
}

/// Says that nobody follows any more, once dropped.
struct Following<'a>(&'a Memory);

impl Drop for Following<'_> {
    fn drop(&mut self) {
        self.0.change(|followed| followed.kept_up = false);
    }
}
