//! How long sessions and their tokens live.

use std::time::Duration;

use sealgate_shared::time::UnixMillis;

use crate::clock::milliseconds;

/// The lifetimes the operator chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// An access token's.
    pub access: Duration,
    pub ordinary: Span,
    pub remembered: Span,
}

/// The two lifetimes of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Without being used.
    pub idle: Duration,
    /// Whatever is done with it.
    pub absolute: Duration,
}

/// When a session that begins now, and its first access token, end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiries {
    pub access: UnixMillis,
    pub idle: UnixMillis,
    pub absolute: UnixMillis,
}

impl Default for Lifetimes {
    fn default() -> Self {
        const DAY: u64 = 24;
        Self {
            access: Duration::from_mins(15),
            ordinary: Span { idle: Duration::from_hours(1), absolute: Duration::from_hours(8) },
            remembered: Span { idle: Duration::from_hours(14 * DAY), absolute: Duration::from_hours(30 * DAY) },
        }
    }
}

impl Lifetimes {
    /// The access lifetime in milliseconds.
    pub fn access_ms(&self) -> u64 {
        milliseconds(self.access)
    }

    /// Works out the ends of a session that begins at `now`: none outlives the next.
    pub fn expiries(&self, now: UnixMillis, remember: bool) -> Expiries {
        let span = if remember { self.remembered } else { self.ordinary };
        let absolute = now.plus(milliseconds(span.absolute));
        let idle = now.plus(milliseconds(span.idle)).min(absolute);
        let access = now.plus(self.access_ms()).min(idle);
        Expiries { access, idle, absolute }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outlives_what_it_belongs_to() {
        let now = UnixMillis::new(1_000_000).unwrap();
        let tight = Lifetimes {
            access: Duration::from_secs(90),
            ordinary: Span { idle: Duration::from_mins(1), absolute: Duration::from_secs(30) },
            ..Lifetimes::default()
        };
        let ends = tight.expiries(now, false);
        assert_eq!((ends.access, ends.idle, ends.absolute), (now.plus(30_000), now.plus(30_000), now.plus(30_000)));
        let ends = Lifetimes::default().expiries(now, true);
        assert_eq!(ends.access, now.plus(900_000));
        assert_eq!(ends.idle, now.plus(14 * 86_400_000));
        assert_eq!(ends.absolute, now.plus(30 * 86_400_000));
    }
}
