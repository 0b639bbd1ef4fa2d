//! What an origin keeps in memory, and how it stays right while other processes change the database.
//!
//! Everything kept hangs on [`Standing`]: counters that move in the transaction of every change, and the gapless
//! sequence of revocations. [`Office::follow`] reads them several times a second, woken at once where the database
//! tells of changes. Whatever is answered from memory is as old as the last reading, and never older than [`MAX_AGE`]:
//! past that the database is asked, as if there were no memory.

mod callers;
mod follow;
mod readings;
mod recent;
mod sessions;

use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use callers::Callers;
use readings::Readings;
use recent::Recent;
use sealgate_shared::id::{SessionId, TenantId};
use sealgate_shared::revocation::Position;
use sealgate_shared::time::UnixMillis;
use sessions::Sessions;

use crate::store::{Recorded, SessionFacts, Standing};

pub use follow::SessionStanding;
pub(super) use recent::Told;

/// The oldest reading that anything is answered from.
const MAX_AGE: Duration = Duration::from_secs(1);

/// The memory of one origin.
#[derive(Debug, Default)]
pub(super) struct Memory {
    readings: Readings,
    followed: RwLock<Followed>,
    /// Changed while `followed` is being changed, and read while it is read: the two agree.
    recent: RwLock<Recent>,
    sessions: Sessions,
    callers: Callers,
}

/// What the last reading found.
#[derive(Clone, Copy, Debug, Default)]
struct Followed {
    standing: Standing,
    /// When the last reading was asked for; `None` while nobody follows, and when a reading failed after a change.
    read_at: Option<Instant>,
    /// Whether somebody reads regularly.
    kept_up: bool,
}

impl Memory {
    fn followed(&self) -> Followed {
        // A panic elsewhere cannot leave it half-written: each write is one assignment.
        *self.followed.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Followed)) {
        change(&mut self.followed.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Where everything stands, and how old that is; `None` when memory must not be answered from.
    pub(super) fn standing(&self) -> Option<(Standing, Duration)> {
        let followed = self.followed();
        let age = followed.read_at.filter(|_| followed.kept_up)?.elapsed();
        (age <= MAX_AGE).then_some((followed.standing, age))
    }

    /// The position up to which memory reflects the sequence.
    pub(super) fn position(&self) -> Position {
        self.followed().standing.position
    }

    /// Forgets everything: the sequence has begun anew, with these as its last entries.
    fn begin_epoch(&self, standing: Standing, recent: Recent) {
        self.change(|followed| {
            self.sessions.clear();
            *self.recent.write().unwrap_or_else(PoisonError::into_inner) = recent;
            followed.standing = standing;
        });
    }

    /// Applies entries, which reach up to the number `last`. Nothing is remembered meanwhile: see [`Self::remember`].
    fn apply(&self, entries: Vec<Recorded>, last: u64) {
        self.change(|followed| {
            let mut recent = self.recent.write().unwrap_or_else(PoisonError::into_inner);
            for recorded in entries {
                self.sessions.apply(&recorded);
                recent.add(recorded);
            }
            followed.standing.position.sequence = last;
        });
    }

    /// Where everything stands, and what an edge that serves these tenants is told of the last entries up to there.
    pub(super) fn tell(&self, tenants: &[TenantId], now: UnixMillis) -> (Standing, Told) {
        let followed = self.followed.read().unwrap_or_else(PoisonError::into_inner);
        let mut recent = self.recent.write().unwrap_or_else(PoisonError::into_inner);
        recent.prune(now);
        (followed.standing, recent.tell(tenants))
    }

    /// Remembers facts, unless an entry that they do not reflect was applied since they were read. The lock keeps the
    /// comparison true until they are in: an entry is applied before it, and then they stay out, or after, and then it
    /// finds them.
    fn remember(&self, id: SessionId, facts: SessionFacts) {
        let followed = self.followed.read().unwrap_or_else(PoisonError::into_inner);
        if followed.kept_up && facts.read_at >= followed.standing.position {
            self.sessions.put(id, facts);
        }
    }
}

#[cfg(test)]
mod tests {
    use sealgate_shared::id::KeyId;
    use sealgate_shared::revocation::{Entry, Revoked};

    use super::*;
    use crate::session::Actor;

    const ID: SessionId = SessionId::new([1; 16]);
    const OTHER: SessionId = SessionId::new([2; 16]);

    /// A memory that is kept up, at that place in the sequence.
    fn at(sequence: u64) -> Memory {
        let memory = Memory::default();
        memory.change(|followed| {
            followed.kept_up = true;
            followed.standing.position = Position { epoch: 1, sequence };
        });
        memory
    }

    fn facts(sequence: u64) -> SessionFacts {
        SessionFacts {
            tenant: "demo".parse().unwrap(),
            actor: Actor { kind: "user".parse().unwrap(), id: "ada".parse().unwrap() },
            absolute_expires_at: UnixMillis::MAX,
            revoked: false,
            read_at: Position { epoch: 1, sequence },
        }
    }

    fn knows(memory: &Memory, id: SessionId) -> bool {
        memory.sessions.get(id).is_some()
    }

    #[test]
    fn facts_that_were_read_before_an_entry_was_applied_are_not_kept() {
        let memory = at(7);
        memory.remember(ID, facts(6));
        assert!(!knows(&memory, ID), "the seventh entry may have been about it");
        memory.remember(ID, facts(7));
        assert!(knows(&memory, ID));
        memory.remember(OTHER, facts(8));
        assert!(knows(&memory, OTHER), "they reflect an entry that is still to be applied");
        let before_the_restore = SessionFacts { read_at: Position { epoch: 0, sequence: 99 }, ..facts(0) };
        let memory = at(7);
        memory.remember(ID, before_the_restore);
        assert!(!knows(&memory, ID));
    }

    fn recorded(tenant: &str, revoked: Revoked) -> Recorded {
        let entry = Entry { revoked, expires_at: UnixMillis::MAX };
        Recorded { sequence: 8, tenant: tenant.parse().unwrap(), created_at: UnixMillis::MAX, entry }
    }

    fn actor_mark(tenant: &str, id: &str) -> Recorded {
        let mark = Revoked::Actor {
            tenant: tenant.parse().unwrap(),
            actor_type: "user".parse().unwrap(),
            actor_id: id.parse().unwrap(),
            except: None,
            issued_before: UnixMillis::MAX,
        };
        recorded(tenant, mark)
    }

    fn tenant_mark(tenant: &str) -> Recorded {
        recorded(tenant, Revoked::Tenant { tenant: tenant.parse().unwrap(), issued_before: UnixMillis::MAX })
    }

    #[test]
    fn an_entry_makes_what_it_is_about_be_read_again_and_nothing_else() {
        let key = Revoked::Key(KeyId::new([1; 8]));
        for (entry, spares) in [
            (recorded("demo", Revoked::Session(ID)), false),
            (recorded("demo", Revoked::Session(OTHER)), true),
            (actor_mark("demo", "ada"), false),
            (actor_mark("demo", "bob"), true),
            (actor_mark("other", "ada"), true),
            (tenant_mark("demo"), false),
            (tenant_mark("other"), true),
            (recorded("demo", key.clone()), false),
            (recorded("other", key), true),
        ] {
            let memory = at(7);
            memory.remember(ID, facts(7));
            memory.apply(vec![entry.clone()], 8);
            assert_eq!(knows(&memory, ID), spares, "{entry:?}");
            assert_eq!(memory.position().sequence, 8);
            // Read again, it is known again: the mark is about what was read before it.
            memory.remember(ID, facts(8));
            assert!(knows(&memory, ID), "{entry:?}");
        }
    }

    #[test]
    fn nothing_is_answered_from_a_memory_that_nobody_keeps_up_or_that_is_old() {
        let memory = at(7);
        assert!(memory.standing().is_none(), "never read");
        memory.change(|followed| followed.read_at = Some(Instant::now()));
        assert!(memory.standing().is_some());
        memory.change(|followed| followed.kept_up = false);
        assert!(memory.standing().is_none());
        memory.remember(ID, facts(7));
        assert!(!knows(&memory, ID), "no entry would be applied to it");
        let long_ago = Instant::now().checked_sub(MAX_AGE + Duration::from_millis(1));
        if let Some(long_ago) = long_ago {
            memory.change(|followed| (followed.kept_up, followed.read_at) = (true, Some(long_ago)));
            assert!(memory.standing().is_none());
        }
    }
}
