//! The keyring that is held: how old it may grow, and when it is fetched again.

use sealgate_shared::keyring::{Keyring, KeyringDocument};
use sealgate_shared::time::UnixMillis;

use crate::settings::Settings;

/// The age, in milliseconds, from which the keyring is fetched again behind a request. The feed's head says as much,
/// and where it is read this age is never reached.
const SOFT_MS: u64 = 60_000;

/// The age, in milliseconds, from which a keyring is no longer used: the origin has not been heard of for a day.
const HARD_MS: u64 = 24 * 3_600_000;

/// The shortest time, in milliseconds, between two fetches when the last brought nothing that can be used, which is
/// what the answer 503 tells everybody to wait. Whoever sends us cookies while the origin is down must not keep it down.
const RETRY_MS: u64 = 1_000;

/// The keyring, if there is one.
#[derive(Debug)]
pub struct HeldRing {
    ring: Option<Keyring>,
    /// The newest version that the origin has spoken of. Nobody else can.
    told: u64,
    /// When the last question was sent whose answer said that the ring held is the newest.
    asked_at: UnixMillis,
    /// When the last question, whatever became of it, was sent.
    tried_at: UnixMillis,
    /// Whether that came to nothing.
    fruitless: bool,
}

impl HeldRing {
    /// None yet.
    pub(crate) const fn new() -> Self {
        let epoch = UnixMillis::EPOCH;
        Self { ring: None, told: 0, asked_at: epoch, tried_at: epoch, fruitless: false }
    }

    /// The ring, if there is one that may be used: the origin has not spoken of a newer one, and was heard of.
    pub fn get(&self, now: UnixMillis) -> Option<&Keyring> {
        self.ring.as_ref().filter(|ring| ring.version() >= self.told && now.since(self.asked_at) < HARD_MS)
    }

    /// The version that is held, whether or not it may be used.
    pub fn version(&self) -> Option<u64> {
        self.ring.as_ref().map(Keyring::version)
    }

    /// Whether it should be fetched again behind this request.
    pub fn wants_renewal(&self, now: UnixMillis) -> bool {
        self.ring.is_some() && now.since(self.asked_at) >= SOFT_MS && self.may_fetch(now)
    }

    /// Whether it may be fetched now. A try in the future means that the clock was set back: when it was is unknown.
    pub fn may_fetch(&self, now: UnixMillis) -> bool {
        !self.fruitless || self.tried_at > now || now.since(self.tried_at) >= RETRY_MS
    }

    /// The origin has spoken of a version, in answer to a question that was sent at that moment.
    pub fn told(&mut self, version: u64, asked_at: UnixMillis) {
        self.told = self.told.max(version);
        if self.version() == Some(version) {
            self.asked_at = self.asked_at.max(asked_at);
        }
    }

    /// Takes in an answer. A ring is taken only if it opens under this edge's secret and is not older than the one held:
    /// a cache or a lagging replica must not bring a withdrawn key back.
    pub fn absorb(&mut self, status: u16, body: &[u8], asked_at: UnixMillis, settings: &Settings) -> bool {
        // Not the later of the two: after the clock was set back, an attempt in the future would allow any number.
        self.tried_at = asked_at;
        let is_newest = match status {
            304 => self.ring.is_some(),
            200 => self.replace(body, settings),
            _ => false,
        };
        if is_newest {
            self.asked_at = asked_at;
        }
        self.fruitless = !is_newest || self.version().is_none_or(|version| version < self.told);
        is_newest
    }

    fn replace(&mut self, body: &[u8], settings: &Settings) -> bool {
        let document = KeyringDocument::open(body, &settings.edge, &settings.secret).ok();
        let Some(ring) = document.and_then(|document| document.to_ring().ok()) else { return false };
        let is_newest = self.version().is_none_or(|held| held <= ring.version());
        if is_newest {
            self.ring = Some(ring);
        }
        is_newest
    }
}

#[cfg(test)]
mod tests;
