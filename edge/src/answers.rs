//! What the origin said about sessions, remembered for a while, in bounded room.

use std::collections::HashMap;
use std::hash::Hash;

use sealgate_shared::id::SessionId;
use sealgate_shared::time::UnixMillis;

/// The most answers of each kind. An answer that was pushed out is asked for again: forgetting is safe.
const CAPACITY: usize = 16_384;

/// Answers about sessions.
#[derive(Debug)]
pub struct Answers {
    /// How long, in milliseconds, a good answer may be used again.
    live_for_ms: u64,
    /// When the question was sent whose answer was "live".
    live: Recent<SessionId, UnixMillis>,
    /// Until when a revoked session's tokens could still pass for good.
    revoked: Recent<SessionId, UnixMillis>,
}

impl Answers {
    /// Nothing known yet.
    pub fn new(live_for_ms: u64) -> Self {
        Self { live_for_ms, live: Recent::new(CAPACITY), revoked: Recent::new(CAPACITY) }
    }

    /// Whether the origin has said that the session is revoked.
    pub fn is_revoked(&self, session: SessionId, now: UnixMillis) -> bool {
        self.revoked.get(&session).is_some_and(|&until| now < until)
    }

    /// The age, in milliseconds, of the answer that the session is live, if it may be used again.
    pub fn age(&self, session: SessionId, now: UnixMillis) -> Option<u64> {
        // An answer from the future means that the clock was set back: its age is unknown.
        let &asked_at = self.live.get(&session).filter(|&&asked_at| asked_at <= now)?;
        let age_ms = now.since(asked_at);
        (age_ms < self.live_for_ms).then_some(age_ms)
    }

    /// The session was live when the question was sent. An earlier answer never replaces a later one.
    pub fn remember_live(&mut self, session: SessionId, asked_at: UnixMillis) {
        if self.live.get(&session).is_none_or(|&known| known < asked_at) {
            self.live.insert(session, asked_at);
        }
    }

    /// The session is revoked; its tokens expire at `until`.
    pub fn remember_revoked(&mut self, session: SessionId, until: UnixMillis) {
        self.revoked.insert(session, until);
    }

    /// Something may have happened to the session: the next request asks again.
    pub fn forget_live(&mut self, session: SessionId) {
        self.live.remove(&session);
    }
}

/// A map that keeps the entries written most recently: at least half its capacity, at most all of it.
/// Two halves take turns, so that nothing is ever sorted or scanned.
#[derive(Debug)]
pub(crate) struct Recent<K, V> {
    half: usize,
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Eq + Hash, V> Recent<K, V> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { half: capacity / 2, young: HashMap::new(), old: HashMap::new() }
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.young.get(key).or_else(|| self.old.get(key))
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        if self.young.len() >= self.half {
            self.old = core::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }

    fn remove(&mut self, key: &K) {
        self.young.remove(key);
        self.old.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: SessionId = SessionId::new([1; 16]);

    fn at(milliseconds: u64) -> UnixMillis {
        UnixMillis::new(milliseconds).unwrap()
    }

    #[test]
    fn a_good_answer_ages_and_lapses() {
        let mut answers = Answers::new(5_000);
        assert_eq!(answers.age(A, at(0)), None);
        answers.remember_live(A, at(1_000));
        assert_eq!(answers.age(A, at(1_000)), Some(0));
        assert_eq!(answers.age(A, at(5_999)), Some(4_999));
        assert_eq!(answers.age(A, at(6_000)), None);
        assert_eq!(answers.age(A, at(999)), None, "asked in the future");
    }

    #[test]
    fn a_late_answer_makes_nothing_younger_or_older() {
        let mut answers = Answers::new(5_000);
        answers.remember_live(A, at(3_000));
        answers.remember_live(A, at(1_000));
        assert_eq!(answers.age(A, at(3_000)), Some(0));
    }

    #[test]
    fn a_revocation_holds_until_the_token_would_have_expired() {
        let mut answers = Answers::new(5_000);
        answers.remember_revoked(A, at(10_000));
        answers.remember_live(A, at(1_000));
        assert!(answers.is_revoked(A, at(9_999)));
        assert!(!answers.is_revoked(A, at(10_000)));
        assert!(!answers.is_revoked(SessionId::new([2; 16]), at(1_000)));
    }

    #[test]
    fn forgetting_asks_again() {
        let mut answers = Answers::new(5_000);
        answers.remember_live(A, at(0));
        answers.forget_live(A);
        assert_eq!(answers.age(A, at(0)), None);
    }

    #[test]
    fn room_is_bounded_and_the_latest_half_stays() {
        let mut recent = Recent::new(8);
        for n in 0..100_u32 {
            recent.insert(n, n);
            assert!(recent.young.len() + recent.old.len() <= 8);
            for latest in n.saturating_sub(3)..=n {
                assert_eq!(recent.get(&latest), Some(&latest));
            }
        }
        assert_eq!(recent.get(&0), None);
    }
}
