//! What a session's row says after an answer: late, or with the next generation.

use sealgate_shared::id::{KeyId, Roles};
use sealgate_shared::time::UnixMillis;

use super::rules::Noted;
use crate::session::{Lifetimes, Session};

/// The token that was shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) generation: u32,
    /// The key that signed it.
    pub(super) key: KeyId,
}

/// The session after its present generation was given once more to somebody whose last answer was lost.
pub(super) fn answer_late(session: &Session, token: Token, now: UnixMillis) -> Session {
    Session {
        answered_late_at: Some(now),
        previous_generation: Some(token.generation),
        previous_signing_key: Some(token.key),
        last_seen_at: now,
        ..session.clone()
    }
}

/// What a step is made from, beside the row.
#[derive(Debug)]
pub(super) struct Step<'a> {
    pub(super) now: UnixMillis,
    pub(super) marked: Option<UnixMillis>,
    pub(super) lifetimes: &'a Lifetimes,
    /// The tenant's active key.
    pub(super) key: KeyId,
    pub(super) token: Token,
    pub(super) keep_previous: bool,
    pub(super) noted: Noted,
    /// What is known of the actor now.
    pub(super) roles: Option<&'a Roles>,
    pub(super) assurance: Option<u8>,
}

impl Step<'_> {
    /// The session one generation on; `None` when there is no time left for it.
    pub(super) fn apply(&self, session: &Session) -> Option<Session> {
        // Marks and tokens may come from a clock that is ahead of ours; what is issued now must be hit by none of the
        // marks, and be newer than what it replaces.
        let issued_at = [Some(self.now), self.marked, Some(session.issued_at)].into_iter().flatten().max()?;
        let generation = session.generation.checked_add(1)?;
        let absolute = session.absolute_expires_at;
        let ends = self.lifetimes.slide(issued_at, absolute, session.remember, session.id, generation);
        if ends.access <= issued_at {
            return None;
        }
        let late = matches!(self.noted, Noted::Late).then(|| answer_late(session, self.token, self.now));
        let session = late.as_ref().unwrap_or(session);
        // With the key of the earliest tokens that are still being shown, not that of those in between.
        let kept = session.previous_generation.zip(session.previous_signing_key).filter(|_| self.keep_previous);
        let (previous_generation, previous_signing_key) = kept.unwrap_or((session.generation, session.signing_key));
        Some(Session {
            generation,
            previous_generation: Some(previous_generation),
            issued_at,
            access_expires_at: ends.access,
            signing_key: self.key,
            previous_signing_key: Some(previous_signing_key),
            presented: false,
            // Who shows the present generation has got whatever was given late.
            answered_late_at: session.answered_late_at.filter(|_| self.noted != Noted::Presented),
            idle_expires_at: ends.idle,
            last_seen_at: self.now,
            roles: self.roles.unwrap_or(&session.roles).clone(),
            assurance: self.assurance.unwrap_or(session.assurance),
            ..session.clone()
        })
    }
}
