//! What an origin keeps in memory, and how it stays right while other processes change the database.
//!
//! Everything kept hangs on [`Standing`]: counters that move in the transaction of every change, and the gapless
//! sequence of revocations. [`Office::follow`] reads them several times a second, woken at once where the database
//! tells of changes. Whatever is answered from memory is as old as the last reading, and never older than [`MAX_AGE`]:
//! past that the database is asked, as if there were no memory.

mod callers;
mod follow;
mod sessions;

use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use callers::Callers;
use sessions::Sessions;

use crate::store::{Position, Standing};

pub use follow::SessionStanding;

/// The oldest reading that anything is answered from.
const MAX_AGE: Duration = Duration::from_secs(1);

/// The memory of one origin.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// One reading at a time, so that they are applied in order.
    reading: tokio::sync::Mutex<()>,
    followed: RwLock<Followed>,
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
    fn position(&self) -> Position {
        self.followed().standing.position
    }
}
