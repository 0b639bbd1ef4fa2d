//! What the edge holds between requests: its settings, the keyring, the feed of revocations, and what it was told about
//! sessions.
//!
//! All of it may vanish at any time, and nothing is lost but the time to fetch it again.

use std::rc::Rc;

use sealgate_shared::id::SessionId;
use sealgate_shared::reject::Reject;
use sealgate_shared::report::{Counter, Feed as FeedCount, Outcome as Ended, Report};
use sealgate_shared::time::UnixMillis;
use serde::Deserialize;

use crate::answers::{Answers, Recent};
use crate::assertion::Assertions;
use crate::errand::{Asked, Client, Errand, Held, Outcome, Question};
use crate::feed::{Feed, Untaken};
use crate::refresh::REFUSED;
use crate::renewal;
use crate::ring::HeldRing;
use crate::settings::Settings;

/// The most sign-ins that are remembered as handed out.
const HANDED_OUT: usize = 4_096;

/// What a request behind the edge finds in memory.
#[derive(Debug)]
pub struct Door {
    /// The configuration.
    pub settings: Rc<Settings>,
    /// The keyring.
    pub ring: HeldRing,
    /// The revocations.
    pub feed: Feed,
    /// What is known of single sessions.
    pub answers: Answers,
    /// What was counted and not reported.
    pub counts: Report,
    /// What was reported, until it is known to have arrived.
    reported: Report,
    pub(crate) assertions: Assertions,
    /// The sessions that were handed to a browser, each in one response, and when.
    pub(crate) handed_out: Recent<SessionId, UnixMillis>,
    /// The highest generation of a session that was handed to a browser in answer to a refresh.
    pub(crate) generations: Recent<SessionId, u32>,
    /// Refresh tokens that the origin gave nothing for, by their outer MAC.
    pub(crate) refused: Recent<[u8; 32], Reject>,
}

/// What came in answer to a question.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The HTTP status; 0 when there was none in time.
    pub status: u16,
    /// The body, or the next piece of it.
    pub body: &'a [u8],
    /// How many bytes are to come behind this piece.
    pub left: u32,
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
        Self {
            ring: HeldRing::new(),
            feed: Feed::new(settings.feed_cache),
            answers: Answers::new(settings.check_cache_ms),
            counts: Report::default(),
            reported: Report::default(),
            assertions: Assertions::new(),
            handed_out: Recent::new(HANDED_OUT),
            generations: Recent::new(renewal::HANDED_OUT),
            refused: Recent::new(REFUSED),
            settings: Rc::new(settings),
        }
    }

    /// The request that an errand makes, perhaps for a client.
    pub fn question(&mut self, errand: &Errand, challenge: &str, client: Client<'_>) -> Question {
        let (ring, position) = (self.ring.version(), self.feed.position());
        let report = match errand {
            Errand::Head { is_direct: true } => self.report(),
            _ => String::new(),
        };
        errand.question(&self.settings, Held { ring, position, challenge, report, client })
    }

    /// What the origin has not been told yet. What it was told in a question that was never answered counts again.
    fn report(&mut self) -> String {
        self.counts.merge(&core::mem::take(&mut self.reported));
        self.reported = core::mem::take(&mut self.counts);
        self.reported.to_string()
    }

    /// Takes in the answer to an errand.
    pub fn absorb(&mut self, errand: &Errand, answer: Answer<'_>, asked: &Asked<'_>) -> Outcome {
        let Answer { status, body, left } = answer;
        let outcome = match errand {
            Errand::Keyring if self.ring.absorb(status, body, asked.at, &self.settings) => Outcome::Keyring,
            Errand::Keyring => Outcome::Failed(errand.kind()),
            Errand::Head { is_direct } => self.absorb_head(*is_direct, answer, asked),
            Errand::Snapshot(position) => {
                let taken = self.feed.absorb_snapshot(*position, status, (body, left), asked, &self.settings);
                let failed = |_| Outcome::Failed(errand.kind());
                taken.map_or_else(failed, |keep| keep.map_or(Outcome::More, Outcome::Feed))
            }
            Errand::Check { session, expires_at, .. } => self.absorb_check(*session, *expires_at, answer, asked),
            Errand::Refresh { tenant, token } => self.absorb_refresh(tenant, token, answer, asked).outcome(),
        };
        self.count_errand(errand, outcome);
        outcome
    }

    fn absorb_head(&mut self, is_direct: bool, answer: Answer<'_>, asked: &Asked<'_>) -> Outcome {
        match self.feed.absorb_head(is_direct, answer.status, answer.body, asked, &self.settings) {
            Ok((keep, keyring)) => {
                self.ring.told(keyring, asked.at);
                if is_direct {
                    self.reported = Report::default();
                }
                Outcome::Feed(keep)
            }
            Err(untaken) => {
                if is_direct && untaken == Untaken::Older {
                    self.reported = Report::default();
                }
                self.counts.add(untaken.counter(), 1);
                Outcome::Failed(Errand::Head { is_direct }.kind())
            }
        }
    }

    fn absorb_check(
        &mut self,
        session: SessionId,
        expires_at: UnixMillis,
        answer: Answer<'_>,
        asked: &Asked<'_>,
    ) -> Outcome {
        let answer = (answer.status == 200).then(|| serde_json::from_slice::<CheckAnswer>(answer.body).ok()).flatten();
        let Some(answer) = answer else { return Outcome::Failed(crate::errand::Kind::Check) };
        self.ring.told(answer.keyring, UnixMillis::EPOCH);
        let as_of = asked.at.minus(answer.age_ms);
        match answer.status {
            CheckStatus::Live => {
                self.answers.remember_live(session, as_of);
                Outcome::Live(session, as_of)
            }
            CheckStatus::Revoked => {
                self.answers.remember_revoked(session, expires_at);
                Outcome::Revoked(session)
            }
        }
    }

    fn count_errand(&mut self, errand: &Errand, outcome: Outcome) {
        let ended = match outcome {
            Outcome::More => return,
            Outcome::Failed(_) => Ended::Failed,
            _ => Ended::Ok,
        };
        let counter = match errand {
            Errand::Keyring => Counter::Keyring(ended),
            Errand::Check { .. } => Counter::Check(ended),
            Errand::Snapshot(_) => Counter::Snapshot(ended),
            // Counted by what was wrong with it.
            Errand::Head { .. } if ended == Ended::Failed => return,
            Errand::Head { .. } if self.feed.has_gap() => Counter::Feed(FeedCount::Gap),
            Errand::Head { .. } => Counter::Feed(FeedCount::Ok),
            // Counted by what came of it.
            Errand::Refresh { .. } => return,
        };
        self.counts.add(counter, 1);
    }
}

impl Untaken {
    const fn counter(self) -> Counter {
        match self {
            Self::Older => Counter::Feed(FeedCount::Older),
            Self::Forged => Counter::Feed(FeedCount::Forged),
            Self::None => Counter::Feed(FeedCount::Failed),
        }
    }
}

#[cfg(test)]
mod tests;
