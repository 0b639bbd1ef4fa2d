//! The rules of refreshing: what is done about a refresh token of a live session, from its row and the time alone.
//!
//! Several tabs share a session, ask at the same moment, and their answers get lost or overtake each other. So the
//! generation before is good for as long as an honest client may still be holding it: while the window is open, and
//! beyond it as long as nobody has shown that the current one ever arrived. Whatever is older must have been copied.

use sealgate_shared::time::UnixMillis;

use crate::session::Session;

/// What a refresh token and the request it came with say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown {
    pub(super) generation: u32,
    /// Keyed hash of the user agent, if there was any.
    pub(super) fingerprint: Option<[u8; 32]>,
}

/// The moment at which it is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) now: UnixMillis,
    /// How long an answer is given again, in milliseconds.
    pub(super) window: u64,
    /// The newest mark over the session's actor or tenant: what was issued before is refused.
    pub(super) marked: Option<UnixMillis>,
}

/// What is done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The tokens of the current generation are given, once more or late.
    Same(Noted),
    /// The session moves to its next generation.
    Step {
        /// The generations whose holders may be given the current one stay what they are: some may be on their way yet.
        keep_previous: bool,
        noted: Noted,
    },
    /// A token was shown that no honest client holds any more.
    Reuse,
    /// A token of a generation that is still to come: the database was restored from a backup.
    HistoryLost,
}

/// What the row is to say beyond that from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Noted {
    Nothing,
    /// That somebody has shown a token of the current generation, and so that it has arrived.
    Presented,
    /// That an answer was given late, since the one before must have been lost, and to a token of which generation: those
    /// before it are over.
    Late,
}

/// Decides about a refresh token of a session that is live.
pub(super) fn decide(session: &Session, shown: &Shown, at: &Moment) -> Verdict {
    if shown.generation > session.generation {
        return Verdict::HistoryLost;
    }
    let inside = |since: UnixMillis| at.now < since.plus(at.window);
    let issued_lately = inside(session.issued_at);
    // Others may still be coming for what was answered within the window, in time or late.
    let open = issued_lately || session.answered_late_at.is_some_and(inside);
    let usable = at.now < session.access_expires_at && at.marked.is_none_or(|marked| marked <= session.issued_at);

    if shown.generation == session.generation {
        return match (issued_lately && usable, session.presented) {
            (true, false) => Verdict::Same(Noted::Presented),
            (true, true) => Verdict::Same(Noted::Nothing),
            (false, _) => Verdict::Step { keep_previous: open, noted: Noted::Presented },
        };
    }
    if session.previous_generation.is_none_or(|previous| shown.generation < previous) {
        return Verdict::Reuse;
    }
    let noted = if open {
        if shown.fingerprint != session.fingerprint {
            return Verdict::Reuse;
        }
        Noted::Nothing
    } else {
        // Whoever was answered late last time and shows something newer now did get that answer.
        let twice = session.answered_late_at.is_some() && session.previous_generation == Some(shown.generation);
        if session.presented || twice {
            return Verdict::Reuse;
        }
        Noted::Late
    };
    if usable { Verdict::Same(noted) } else { Verdict::Step { keep_previous: true, noted } }
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
