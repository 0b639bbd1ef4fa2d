//! Points in time as the token carries them.

use core::fmt;

/// Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX time), at most the last
/// millisecond of the year 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMillis(u64);

impl UnixMillis {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// 9999-12-31T23:59:59.999Z, the last moment that fixed-width ISO 8601 text can name.
    pub const MAX: Self = Self(253_402_300_799_999);

    /// Takes milliseconds since the epoch; `None` past [`UnixMillis::MAX`].
    pub const fn new(milliseconds: u64) -> Option<Self> {
        if milliseconds <= Self::MAX.0 { Some(Self(milliseconds)) } else { None }
    }

    /// Milliseconds since the epoch.
    pub const fn as_u64(self) -> u64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn as_secs(self) -> u64 {
        self.0 / 1_000
    }

    /// This moment and `milliseconds` more, stopping at [`UnixMillis::MAX`].
    #[must_use]
    pub const fn plus(self, milliseconds: u64) -> Self {
        match Self::new(self.0.saturating_add(milliseconds)) {
            Some(later) => later,
            None => Self::MAX,
        }
    }

    /// This moment less `milliseconds`, stopping at the epoch.
    #[must_use]
    pub const fn minus(self, milliseconds: u64) -> Self {
        Self(self.0.saturating_sub(milliseconds))
    }

    /// Milliseconds from `earlier` to this moment; zero when `earlier` is in fact later.
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for UnixMillis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_within_its_bounds() {
        assert_eq!(UnixMillis::new(UnixMillis::MAX.0 + 1), None);
        assert_eq!(UnixMillis::MAX.plus(1), UnixMillis::MAX);
        assert_eq!(UnixMillis(5).plus(u64::MAX), UnixMillis::MAX);
        assert_eq!(UnixMillis(5).minus(6), UnixMillis(0));
        assert_eq!(UnixMillis(5).since(UnixMillis(7)), 0);
        assert_eq!(UnixMillis(2_999).as_secs(), 2);
    }

    #[test]
    fn is_written_as_a_number() {
        assert_eq!(alloc::format!("{}", UnixMillis(1_800_000_000_000)), "1800000000000");
    }
}
