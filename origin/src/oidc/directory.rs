//! What is known of providers: their descriptions and keys, fetched when they are needed and kept for a while.
//!
//! One request at a time goes to an issuer; who wants the same meanwhile waits for its answer, and no longer than a second
//! where what is known would do. Nobody can have us ask more often: a failure is remembered, and a key that nobody knows is
//! looked for once in ten seconds. Nothing of it is in the database, for it is the provider's to say; so each origin asks for
//! itself.

mod asker;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use openidconnect::JsonWebKey as _;
use sealgate_shared::time::UnixMillis;
use tokio::time::{Instant, timeout, timeout_at};

use self::asker::Asker;
use super::{DirectoryError, Issuer, Metadata};
use crate::clock::{Clock, milliseconds};
use crate::outbound::Outbound;

/// How old a description becomes before it is asked for again.
const KEEP: Duration = Duration::from_hours(1);
/// How old keys become before they are asked for again: one that the provider has withdrawn is believed no longer, as long
/// as the provider answers.
const KEEP_KEYS: Duration = Duration::from_mins(10);
/// How long after its last answer a provider is still believed while it does not answer.
const GRACE: Duration = Duration::from_hours(1);
/// How long something newer is waited for where what is known would do.
const WAIT_FOR_NEWER: Duration = Duration::from_secs(1);
/// How long a provider may take for all that one call asks of it: less than a request of our own may take.
const PATIENCE: Duration = Duration::from_secs(8);
/// How often a key is looked for that is not among those known.
const LOOK_AGAIN: Duration = Duration::from_secs(10);
/// How long a failure is everybody's answer.
const REMEMBER_FAILURE: Duration = Duration::from_secs(2);
/// How many issuers are remembered.
const MOST: usize = 1_000;

/// Knows providers.
#[derive(Clone)]
pub struct Directory {
    outbound: Outbound,
    clock: Clock,
    entries: Arc<Mutex<HashMap<Issuer, Arc<Entry>>>>,
}

/// One issuer.
#[derive(Default)]
struct Entry {
    /// Held by whoever asks the provider.
    asking: tokio::sync::Mutex<()>,
    known: Mutex<Known>,
}

#[derive(Clone, Default)]
struct Known {
    used_at: Option<UnixMillis>,
    described: Option<Described>,
    failed: Option<(UnixMillis, DirectoryError)>,
    /// When a key was looked for last that was not among those known.
    looked_again_at: Option<UnixMillis>,
    /// When somebody last waited for something newer in vain.
    slow_at: Option<UnixMillis>,
}

#[derive(Clone)]
struct Described {
    metadata: Arc<Metadata>,
    told_at: UnixMillis,
    keys_at: UnixMillis,
}

/// What is wanted of the provider.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Want {
    /// What is fresh enough.
    Fresh,
    /// Newer keys than these, which were read at that moment.
    NewerThan(UnixMillis),
}

impl Directory {
    /// Knows nobody yet.
    pub fn new(outbound: Outbound, clock: Clock) -> Self {
        Self { outbound, clock, entries: Arc::default() }
    }

    /// By what providers are asked.
    pub const fn http(&self) -> &Outbound {
        &self.outbound
    }

    /// The issuer's description of itself, with its keys.
    pub async fn metadata(&self, issuer: &Issuer) -> Result<Arc<Metadata>, DirectoryError> {
        self.look_up(issuer, Want::Fresh).await.map(|described| described.metadata)
    }

    /// As [`Self::metadata`]; where this key is none of those known, they are asked for again, at most every ten seconds.
    /// What comes may still lack it.
    pub async fn metadata_with_key(&self, issuer: &Issuer, kid: Option<&str>) -> Result<Arc<Metadata>, DirectoryError> {
        let until = Instant::now() + PATIENCE;
        let described = self.look_up(issuer, Want::Fresh).await?;
        let keys = described.metadata.jwks().keys();
        let is_known =
            kid.is_none_or(|kid| keys.iter().any(|key| key.key_id().is_some_and(|known| known.as_str() == kid)));
        if is_known {
            return Ok(described.metadata);
        }
        self.look_for_newer(issuer, described, until).await
    }

    /// As [`Self::metadata`], with keys asked for again, at most every ten seconds: for a token that names no key, and that
    /// none of those known verifies.
    pub async fn metadata_anew(&self, issuer: &Issuer) -> Result<Arc<Metadata>, DirectoryError> {
        let until = Instant::now() + PATIENCE;
        let described = self.look_up(issuer, Want::Fresh).await?;
        self.look_for_newer(issuer, described, until).await
    }

    /// With newer keys than these, or with these where none come in time.
    async fn look_for_newer(
        &self,
        issuer: &Issuer,
        described: Described,
        until: Instant,
    ) -> Result<Arc<Metadata>, DirectoryError> {
        let newer = self.look_up(issuer, Want::NewerThan(described.keys_at));
        timeout_at(until, newer).await.unwrap_or(Ok(described)).map(|described| described.metadata)
    }

    async fn look_up(&self, issuer: &Issuer, want: Want) -> Result<Described, DirectoryError> {
        let (entry, now) = (self.entry(issuer), self.clock.now());
        if let Some(answer) = entry.answer(want, now) {
            return answer;
        }
        // A task of its own: whoever asks may go away, and what is learnt, a failure too, is good for all.
        let asker = Asker { outbound: self.outbound.clone(), clock: self.clock.clone(), issuer: issuer.clone() };
        let asking = tokio::spawn({
            let entry = Arc::clone(&entry);
            async move { asker.ask(&entry, want).await }
        });
        let answer = match entry.usable(now).filter(|_| want == Want::Fresh) {
            None => asking.await,
            Some(described) => {
                let Ok(answer) = timeout(WAIT_FOR_NEWER, asking).await else {
                    lock(&entry.known).slow_at = Some(self.clock.now());
                    return Ok(described);
                };
                answer
            }
        };
        answer.unwrap_or_else(|_| Err(DirectoryError::GivenUp))
    }

    fn entry(&self, issuer: &Issuer) -> Arc<Entry> {
        let mut entries = lock(&self.entries);
        if let Some(entry) = entries.get(issuer) {
            let entry = Arc::clone(entry);
            lock(&entry.known).used_at = Some(self.clock.now());
            return entry;
        }
        if entries.len() >= MOST {
            let oldest = entries.iter().min_by_key(|(_, entry)| lock(&entry.known).used_at);
            let oldest = oldest.map(|(issuer, _)| issuer.clone());
            oldest.map(|oldest| entries.remove(&oldest));
        }
        let known = Known { used_at: Some(self.clock.now()), ..Known::default() };
        let entry = Arc::new(Entry { known: known.into(), ..Entry::default() });
        entries.insert(issuer.clone(), Arc::clone(&entry));
        entry
    }
}

impl Entry {
    /// The answer that needs no asking.
    fn answer(&self, want: Want, now: UnixMillis) -> Option<Result<Described, DirectoryError>> {
        let usable = self.usable(now);
        let known = lock(&self.known).clone();
        let failure = known.failed.filter(|(at, _)| is_younger(*at, REMEMBER_FAILURE, now)).map(|(_, error)| error);
        let Some(described) = usable else { return failure.map(Err) };
        let is_lately = |at: Option<UnixMillis>, than| at.is_some_and(|at| is_younger(at, than, now));
        let is_enough = match want {
            // Where the provider is slow, one waits and the others need not.
            Want::Fresh => described.is_fresh(now) || is_lately(known.slow_at, PATIENCE),
            Want::NewerThan(read_at) => described.keys_at > read_at || is_lately(known.looked_again_at, LOOK_AGAIN),
        };
        (is_enough || failure.is_some()).then_some(Ok(described))
    }

    /// What is known and may be used, if only because the provider does not answer.
    fn usable(&self, now: UnixMillis) -> Option<Described> {
        lock(&self.known).described.clone().filter(|described| is_younger(described.keys_at, GRACE, now))
    }
}

impl Described {
    fn is_fresh(&self, now: UnixMillis) -> bool {
        is_younger(self.told_at, KEEP, now) && is_younger(self.keys_at, KEEP_KEYS, now)
    }
}

fn is_younger(at: UnixMillis, than: Duration, now: UnixMillis) -> bool {
    now.since(at) < milliseconds(than)
}

/// A panic elsewhere cannot leave what is known half-written: each change is one assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Directory").field("issuers", &lock(&self.entries).len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
