//! Reading what has changed, and answering from what is known.

use std::time::{Duration, Instant};

use sealgate_shared::id::{SessionId, TenantId};
use tokio::sync::Notify;
use tokio::time::sleep;

use super::Memory;
use crate::office::{Office, OfficeError};
use crate::store::{SessionFacts, Standing};

/// How often the database is asked what has changed.
const POLL: Duration = Duration::from_millis(250);

/// What a reading found.
enum Seen {
    /// The database is where it was, or further.
    Onward,
    /// It is behind what was seen in it before, when the keyring had this version, or a version that could have been.
    Backward { keyring: u64 },
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
        if !matches!(self.read_changes().await, Ok(Seen::Onward)) {
            // The change is made; only memory does not know of it. So it is not answered from until it does.
            self.memory.change(|followed| followed.read_at = None);
        }
    }

    /// Reads what has changed since the last time, whoever changed it.
    pub async fn follow(&self) -> Result<(), OfficeError> {
        if let Seen::Backward { keyring } = self.read_changes().await? {
            self.suspect_restore(keyring).await?;
            self.read_changes().await?;
        }
        Ok(())
    }

    async fn read_changes(&self) -> Result<Seen, OfficeError> {
        let _one_at_a_time = self.memory.reading.lock().await;
        let asked = Instant::now();
        let standing = self.store.standing().await?;
        if let Some(time) = standing.time {
            self.clock.compare(time, asked.elapsed());
        }
        let known = self.memory.followed().standing;
        if standing.position < known.position || standing.keyring < known.keyring {
            self.memory.change(|followed| followed.read_at = None);
            return Ok(Seen::Backward { keyring: known.keyring.max(standing.keyring + 1) });
        }
        if standing.position.epoch != known.position.epoch {
            self.memory.begin_epoch(standing);
        }
        while self.memory.position() < standing.position {
            let after = self.memory.position().sequence;
            let entries = self.store.revocations_after(after).await?;
            // Entries that were swept concern no living token.
            let last = entries.last().map_or(standing.position.sequence, |(sequence, _)| *sequence);
            self.memory.apply(entries, last);
        }
        self.memory.change(|followed| {
            followed.standing = Standing { position: followed.standing.position, ..standing };
            followed.read_at = Some(asked);
        });
        Ok(Seen::Onward)
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
