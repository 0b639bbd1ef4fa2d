//! The one place that knows what time it is. Everything else is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sealgate_shared::time::UnixMillis;

/// An answer that took longer than this tells too little about the time.
const SLOW: Duration = Duration::from_millis(250);

/// Tells the time: the system's, set right by the database's, or a test's.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System(SystemClock),
    Movable(MovableClock),
}

impl Clock {
    /// The clock of the machine.
    pub fn system() -> Self {
        Self::system_off_by(0)
    }

    /// The clock of a machine that is ahead by so many milliseconds, or behind.
    pub fn system_off_by(error_ms: i64) -> Self {
        Self(Source::System(SystemClock { error_ms, correction_ms: Arc::default() }))
    }

    /// The time now.
    pub fn now(&self) -> UnixMillis {
        match &self.0 {
            Source::System(clock) => shift(clock.uncorrected(), clock.correction_ms.load(Ordering::Relaxed)),
            Source::Movable(clock) => clock.now(),
        }
    }

    /// Sets the machine's clock right by another's that several machines share, so that times they compare come from
    /// one clock. `reference` was read while we waited for `waited`.
    pub fn compare(&self, reference: UnixMillis, waited: Duration) {
        let Source::System(clock) = &self.0 else { return };
        if waited > SLOW {
            return;
        }
        let reference = reference.plus(milliseconds(waited / 2));
        let correction = difference(reference, clock.uncorrected());
        clock.correction_ms.store(correction, Ordering::Relaxed);
    }

    /// By how many milliseconds the machine's clock is behind the one it is compared with; negative when it is ahead.
    pub fn correction_ms(&self) -> i64 {
        match &self.0 {
            Source::System(clock) => clock.correction_ms.load(Ordering::Relaxed),
            Source::Movable(_) => 0,
        }
    }
}

#[derive(Clone, Debug)]
struct SystemClock {
    /// What a test adds.
    error_ms: i64,
    correction_ms: Arc<AtomicI64>,
}

impl SystemClock {
    fn uncorrected(&self) -> UnixMillis {
        shift(read_system_clock(), self.error_ms)
    }
}

/// A duration in milliseconds, those that are beyond all times as the longest.
pub(crate) fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn shift(time: UnixMillis, by_ms: i64) -> UnixMillis {
    if by_ms < 0 { time.minus(by_ms.unsigned_abs()) } else { time.plus(by_ms.unsigned_abs()) }
}

/// `a - b` in milliseconds.
fn difference(a: UnixMillis, b: UnixMillis) -> i64 {
    let (a, b) = (i128::from(a.as_u64()), i128::from(b.as_u64()));
    i64::try_from(a - b).unwrap_or_default()
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
        let later = self.now().plus(milliseconds(by));
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
    fn a_machine_that_is_off_is_set_right() {
        for error in [-90_000, 90_000] {
            let (right, wrong) = (Clock::system(), Clock::system_off_by(error));
            wrong.compare(right.now(), Duration::from_secs(1));
            assert_eq!(wrong.correction_ms(), 0, "an answer that took so long is not believed");
            wrong.compare(right.now(), Duration::ZERO);
            assert!(difference(wrong.now(), right.now()).abs() < 50, "{wrong:?}");
            assert!((wrong.correction_ms() + error).abs() < 50, "{wrong:?}");
        }
    }

    #[test]
    fn the_system_clock_is_past_2026() {
        assert!(Clock::system().now().as_u64() > 1_767_225_600_000);
    }
}
