//! The one place that knows what time it is. Everything else is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sealgate_shared::time::UnixMillis;

/// Tells the time: the system's, or a test's.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Movable(MovableClock),
}

impl Clock {
    /// The clock of the machine.
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// The time now.
    pub fn now(&self) -> UnixMillis {
        match &self.0 {
            Source::System => read_system_clock(),
            Source::Movable(clock) => clock.now(),
        }
    }
}

/// A clock that stands still until it is moved.
#[derive(Clone, Debug)]
pub struct MovableClock(Arc<AtomicU64>);

impl MovableClock {
    /// Stops a clock at `start`.
    pub fn starting_at(start: UnixMillis) -> Self {
        Self(Arc::new(AtomicU64::new(start.as_u64())))
    }

    /// Moves every clock made from this one forward.
    pub fn advance(&self, by: Duration) {
        let by = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        let later = self.now().plus(by);
        self.0.store(later.as_u64(), Ordering::SeqCst);
    }

    /// The time it stands at.
    pub fn now(&self) -> UnixMillis {
        UnixMillis::new(self.0.load(Ordering::SeqCst)).unwrap_or(UnixMillis::MAX)
    }
}

impl From<MovableClock> for Clock {
    fn from(clock: MovableClock) -> Self {
        Self(Source::Movable(clock))
    }
}

#[expect(clippy::disallowed_methods, reason = "this is where the time comes in")]
fn read_system_clock() -> UnixMillis {
    // A clock before 1970 or past 9999 is broken; either end keeps every comparison meaningful.
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_millis()).ok().and_then(UnixMillis::new).unwrap_or(UnixMillis::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_movable_clock_moves_all_its_copies() {
        let hand = MovableClock::starting_at(UnixMillis::new(1_000).unwrap());
        let clock = Clock::from(hand.clone());
        hand.advance(Duration::from_millis(500));
        assert_eq!(clock.clone().now().as_u64(), 1_500);
    }

    #[test]
    fn the_system_clock_is_past_2026() {
        assert!(Clock::system().now().as_u64() > 1_767_225_600_000);
    }
}
