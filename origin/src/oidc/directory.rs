//! What is known of providers: their descriptions and keys, fetched when they are needed and kept for a while.
//!
//! One request at a time goes to an issuer; who wants the same meanwhile waits for its answer. Nobody can have us ask more
//! often: a failure is remembered, and a key that nobody knows is looked for once in ten seconds. Nothing of it is in the
//! database, for it is the provider's to say; so each origin asks for itself.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use openidconnect::JsonWebKey as _;
use sealgate_shared::time::UnixMillis;

use super::fetch::{fetch_keys, fetch_metadata};
use super::{DirectoryError, Issuer, Metadata};
use crate::clock::{Clock, milliseconds};
use crate::outbound::Outbound;

/// How long a description is believed, and keys at most.
const KEEP: Duration = Duration::from_hours(1);
/// How old keys become before they are asked for again: one that the provider has withdrawn is believed no longer, as long
/// as the provider answers.
const KEEP_KEYS: Duration = Duration::from_mins(10);
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
        let described = self.look_up(issuer, Want::Fresh).await?;
        let keys = described.metadata.jwks().keys();
        let is_known =
            kid.is_none_or(|kid| keys.iter().any(|key| key.key_id().is_some_and(|known| known.as_str() == kid)));
        if is_known {
            return Ok(described.metadata);
        }
        self.look_up(issuer, Want::NewerThan(described.keys_at)).await.map(|described| described.metadata)
    }

    /// As [`Self::metadata`], with keys asked for again, at most every ten seconds: for a token that names no key, and that
    /// none of those known verifies.
    pub async fn metadata_anew(&self, issuer: &Issuer) -> Result<Arc<Metadata>, DirectoryError> {
        let described = self.look_up(issuer, Want::Fresh).await?;
        self.look_up(issuer, Want::NewerThan(described.keys_at)).await.map(|described| described.metadata)
    }

    async fn look_up(&self, issuer: &Issuer, want: Want) -> Result<Described, DirectoryError> {
        let entry = self.entry(issuer);
        if let Some(answer) = entry.answer(want, self.clock.now()) {
            return answer;
        }
        // A task of its own: whoever asks may go away, and what is learnt, a failure too, is good for all.
        let asker = Asker { outbound: self.outbound.clone(), clock: self.clock.clone(), issuer: issuer.clone() };
        let asking = tokio::spawn(async move { asker.ask(&entry, want).await });
        asking.await.unwrap_or_else(|_| Err(DirectoryError::GivenUp))
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
        let known = lock(&self.known).clone();
        let usable = known.described.filter(|described| is_younger(described.oldest(), KEEP, now));
        let failure = known.failed.filter(|(at, _)| is_younger(*at, REMEMBER_FAILURE, now)).map(|(_, error)| error);
        let Some(described) = usable else { return failure.map(Err) };
        let is_enough = match want {
            Want::Fresh => is_younger(described.keys_at, KEEP_KEYS, now),
            Want::NewerThan(read_at) => {
                let looked_lately = known.looked_again_at.is_some_and(|at| is_younger(at, LOOK_AGAIN, now));
                described.keys_at > read_at || looked_lately
            }
        };
        (is_enough || failure.is_some()).then_some(Ok(described))
    }
}

impl Described {
    fn oldest(&self) -> UnixMillis {
        self.told_at.min(self.keys_at)
    }
}

/// One who goes to a provider and asks.
struct Asker {
    outbound: Outbound,
    clock: Clock,
    issuer: Issuer,
}

impl Asker {
    async fn ask(&self, entry: &Entry, want: Want) -> Result<Described, DirectoryError> {
        let _asking = entry.asking.lock().await;
        // Somebody else may have asked while we waited.
        if let Some(answer) = entry.answer(want, self.clock.now()) {
            return answer;
        }
        let known = lock(&entry.known).described.clone();
        if want != Want::Fresh {
            lock(&entry.known).looked_again_at = Some(self.clock.now());
        }
        // As of the moment of asking: what comes is at least as new.
        let now = self.clock.now();
        let asked = match known.filter(|known| is_younger(known.told_at, KEEP, now)) {
            Some(known) => self.read_keys(&known, now).await,
            None => self.read_all(now).await,
        };
        let mut known = lock(&entry.known);
        match asked {
            Ok(described) => {
                known.failed = None;
                known.described = Some(described.clone());
                Ok(described)
            }
            Err(error) => {
                tracing::warn!(issuer = %self.issuer, reason = error.label(), %error, "an OpenID provider cannot be read");
                known.failed = Some((self.clock.now(), error.clone()));
                let usable = known.described.clone().filter(|described| is_younger(described.oldest(), KEEP, now));
                usable.ok_or(error)
            }
        }
    }

    async fn read_all(&self, now: UnixMillis) -> Result<Described, DirectoryError> {
        let metadata = fetch_metadata(&self.outbound, &self.issuer).await?;
        let keys = fetch_keys(&self.outbound, &metadata).await?;
        let metadata = Arc::new(metadata.set_jwks(keys));
        Ok(Described { metadata, told_at: now, keys_at: now })
    }

    async fn read_keys(&self, known: &Described, now: UnixMillis) -> Result<Described, DirectoryError> {
        let keys = fetch_keys(&self.outbound, &known.metadata).await?;
        let metadata = Arc::new(Metadata::clone(&known.metadata).set_jwks(keys));
        Ok(Described { metadata, keys_at: now, ..known.clone() })
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
