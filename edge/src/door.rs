//! What the edge holds between requests: its settings, the keyring, and what it was told about sessions.
//!
//! All of it may vanish at any time, and nothing is lost but the time to fetch it again.

use sealgate_shared::id::SessionId;
use sealgate_shared::keyring::{Keyring, KeyringDocument};
use sealgate_shared::time::UnixMillis;
use serde::Deserialize;

use crate::answers::{Answers, Recent};
use crate::errand::{Errand, Outcome};
use crate::settings::Settings;

/// The age, in milliseconds, from which the keyring is fetched again behind a request.
const RING_SOFT_MS: u64 = 60_000;

/// The age, in milliseconds, from which a keyring is no longer used: the origin has not been heard of for a
/// day.
const RING_HARD_MS: u64 = 24 * 3_600_000;

/// The shortest time, in milliseconds, between two fetches of the keyring on account of key ids nobody knows.
/// Anyone can invent those.
const RING_RETRY_MS: u64 = 10_000;

/// The most sign-ins that are remembered as handed out.
const HANDED_OUT: usize = 4_096;

/// The shortest time, in milliseconds, between two fetches of the keyring when there is none, which is what the answer
/// 503 tells everybody to wait, or when the origin has spoken of a newer one.
const RING_COLD_RETRY_MS: u64 = 1_000;

/// What a request behind the edge finds in memory.
#[derive(Debug)]
pub struct Door {
    /// The configuration.
    pub settings: Settings,
    /// What is known of sessions.
    pub answers: Answers,
    /// The sessions that were handed to a browser, each in one response, and when.
    pub(crate) handed_out: Recent<SessionId, UnixMillis>,
    ring: Option<Keyring>,
    /// The newest version of the keyring that the origin has spoken of.
    ring_told: u64,
    /// When the last request for the keyring that was answered was sent.
    ring_asked_at: UnixMillis,
    /// When the last request for the keyring, whatever became of it, was sent.
    ring_tried_at: UnixMillis,
}

#[derive(Deserialize)]
struct CheckAnswer {
    status: CheckStatus,
    /// How old the origin's own reading is.
    #[serde(default)]
    age_ms: u64,
    /// The version of the keyring at the origin.
    #[serde(default)]
    keyring: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum CheckStatus {
    Live,
    Revoked,
}

impl Door {
    /// A door that holds nothing yet.
    pub fn new(settings: Settings) -> Self {
        let answers = Answers::new(settings.check_cache_ms);
        let epoch = UnixMillis::MAX.minus(u64::MAX);
        let handed_out = Recent::new(HANDED_OUT);
        Self { settings, answers, handed_out, ring: None, ring_told: 0, ring_asked_at: epoch, ring_tried_at: epoch }
    }

    /// The keyring, if there is one that may still be used.
    pub fn ring(&self, now: UnixMillis) -> Option<&Keyring> {
        self.ring.as_ref().filter(|_| now.since(self.ring_asked_at) < RING_HARD_MS)
    }

    /// The version of the keyring that is held, however old.
    pub fn ring_version(&self) -> Option<u64> {
        self.ring.as_ref().map(Keyring::version)
    }

    /// Whether the keyring should be fetched again behind this request.
    pub fn wants_ring(&self, now: UnixMillis) -> bool {
        let stale = now.since(self.ring_asked_at) >= RING_SOFT_MS || self.knows_of_newer_ring();
        stale && self.may_try_ring(now)
    }

    /// Whether a key id that nobody knows is reason to fetch the keyring now.
    pub fn may_try_ring(&self, now: UnixMillis) -> bool {
        // What the origin says of its keyring, nobody can invent.
        self.tried_before(if self.knows_of_newer_ring() { RING_COLD_RETRY_MS } else { RING_RETRY_MS }, now)
    }

    /// Whether the origin has spoken of a newer keyring than the one held: a key was rotated or revoked.
    fn knows_of_newer_ring(&self) -> bool {
        self.ring_version().is_some_and(|held| held < self.ring_told)
    }

    /// Whether the keyring may be fetched now, there being none. Whoever sends us cookies while the origin is down
    /// must not keep it down.
    pub fn may_fetch_ring(&self, now: UnixMillis) -> bool {
        self.tried_before(RING_COLD_RETRY_MS, now)
    }

    /// A try in the future means that the clock was set back: when it was is unknown.
    fn tried_before(&self, ms: u64, now: UnixMillis) -> bool {
        self.ring_tried_at > now || now.since(self.ring_tried_at) >= ms
    }

    /// Whether the last attempt to fetch the keyring came to nothing.
    pub fn ring_failed(&self) -> bool {
        self.ring_tried_at > self.ring_asked_at
    }

    /// Takes in the answer to an errand: the HTTP status, the body, and when the question was sent.
    pub fn absorb(&mut self, errand: &Errand, status: u16, body: &[u8], asked_at: UnixMillis) -> Outcome {
        match errand {
            Errand::Keyring => self.absorb_keyring(status, body, asked_at),
            Errand::Check { session, expires_at, .. } => {
                let answer = (status == 200).then(|| serde_json::from_slice::<CheckAnswer>(body).ok()).flatten();
                self.ring_told = answer.as_ref().map_or(0, |answer| answer.keyring).max(self.ring_told);
                let as_of = asked_at.minus(answer.as_ref().map_or(0, |answer| answer.age_ms));
                match answer.map(|answer| answer.status) {
                    Some(CheckStatus::Live) => {
                        self.answers.remember_live(*session, as_of);
                        Outcome::Live(*session, as_of)
                    }
                    Some(CheckStatus::Revoked) => {
                        self.answers.remember_revoked(*session, *expires_at);
                        Outcome::Revoked(*session)
                    }
                    None => Outcome::Failed,
                }
            }
        }
    }

    /// A ring is taken only if it opens under this edge's secret and is not older than the one held: a cache
    /// or a lagging replica must not bring a withdrawn key back.
    fn absorb_keyring(&mut self, status: u16, body: &[u8], asked_at: UnixMillis) -> Outcome {
        // Not the later of the two: after the clock was set back, an attempt in the future would allow any number.
        self.ring_tried_at = asked_at;
        if status == 304 && self.ring.is_some() {
            self.ring_asked_at = asked_at;
            return Outcome::Keyring;
        }
        let opened = (status == 200)
            .then(|| KeyringDocument::open(body, &self.settings.edge, &self.settings.secret))
            .and_then(Result::ok)
            .and_then(|document| document.to_ring().ok());
        match opened {
            Some(ring) if self.ring.as_ref().is_none_or(|held| held.version() <= ring.version()) => {
                self.ring = Some(ring);
                self.ring_asked_at = asked_at;
                Outcome::Keyring
            }
            _ => Outcome::Failed,
        }
    }
}
