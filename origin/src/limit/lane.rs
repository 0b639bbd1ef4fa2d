//! Guesses at passwords, slowed down the more of them were wrong.
//!
//! A lane remembers how many guesses failed and when the last was made; the first four cost nothing, and from the fifth on
//! each is followed by a wait that doubles. Whoever comes too early is turned away without being counted, so that trying
//! again does not make it longer. Lanes are kept in the database, where all origins count in them; the rule is here.

use std::time::Duration;

use sealgate_shared::time::UnixMillis;

use crate::clock::milliseconds;

/// The first failure that is followed by a wait, of a second.
const FIRST_WAIT: u32 = 5;

/// How long after the last guess nothing is remembered of any.
pub(crate) const QUIET: Duration = Duration::from_hours(1);

/// Whose guesses a lane counts, and so how long it may make them wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaneOf {
    /// One network. Long: there are others, and whoever has the right password is seldom in it.
    Network,
    /// One account, from many networks. Short: anybody can fill it who knows the name, and its owner has to get through.
    Account,
}

/// What is remembered of the guesses in a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    pub failures: u32,
    /// When the last was made; of no meaning without failures.
    pub last_at: UnixMillis,
}

impl LaneOf {
    /// The longest wait.
    pub const fn longest(self) -> Duration {
        match self {
            Self::Network => Duration::from_mins(15),
            Self::Account => Duration::from_mins(1),
        }
    }

    fn wait_after(self, failures: u32) -> Duration {
        let Some(doublings) = failures.checked_sub(FIRST_WAIT) else { return Duration::ZERO };
        let seconds = 1_u64.checked_shl(doublings).unwrap_or(u64::MAX);
        Duration::from_secs(seconds).min(self.longest())
    }
}

impl Lane {
    /// Nothing is remembered.
    pub const EMPTY: Self = Self { failures: 0, last_at: UnixMillis::EPOCH };

    /// The failures that count.
    pub fn remembered(self, now: UnixMillis) -> u32 {
        if self.is_quiet(now) { 0 } else { self.failures }
    }

    /// When the next guess may be made.
    pub fn opens_at(self, of: LaneOf) -> UnixMillis {
        self.last_at.plus(milliseconds(of.wait_after(self.failures)))
    }

    /// The lane with one more failure in it; `None` when it is too early for a guess.
    ///
    /// A guess is counted before it is looked at: of many that are made at once, by whichever origin, no more are looked at
    /// than the lane allows. See [`Self::without`].
    pub fn with_another(self, of: LaneOf, now: UnixMillis) -> Option<Self> {
        let remembered = self.remembered(now);
        let failures = remembered.saturating_add(1);
        (remembered == 0 || self.opens_at(of) <= now).then_some(Self { failures, last_at: now })
    }

    /// The lane without the guess that made it `counted` out of `before`: it was right. What others have been counted
    /// meanwhile stays.
    #[must_use]
    pub fn without(self, counted: Self, before: Self) -> Self {
        if self == counted {
            return before;
        }
        Self { failures: self.failures.saturating_sub(1), ..self }
    }

    /// Whether its guesses were made so long ago that they count no more; or, by a clock that was set back since, so far in the
    /// future that nobody could wait for it.
    fn is_quiet(self, now: UnixMillis) -> bool {
        self.last_at.plus(milliseconds(QUIET)) <= now || now.plus(milliseconds(QUIET)) <= self.last_at
    }
}

#[cfg(test)]
mod tests;
