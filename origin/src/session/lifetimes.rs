//! How long sessions and their tokens live.

use std::time::Duration;

use sealgate_shared::id::SessionId;
use sealgate_shared::time::UnixMillis;
use sha2::{Digest as _, Sha256};

use crate::clock::milliseconds;

/// The lifetimes the operator chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// An access token's.
    pub access: Duration,
    /// How long the answer to a refresh is given again to whoever asks.
    pub refresh_window: Duration,
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

/// When a session and its access token end.
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
            refresh_window: Duration::from_mins(1),
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
    pub fn expiries(&self, now: UnixMillis, remember: bool, session: SessionId) -> Expiries {
        let absolute = now.plus(milliseconds(self.span(remember).absolute));
        self.slide(now, absolute, remember, session, 0)
    }

    /// Works out the ends of a session whose access token of that generation is issued at `now`. Its absolute end stays.
    pub fn slide(
        &self,
        now: UnixMillis,
        absolute: UnixMillis,
        remember: bool,
        session: SessionId,
        generation: u32,
    ) -> Expiries {
        let idle = now.plus(milliseconds(self.span(remember).idle)).min(absolute);
        let access = now.plus(self.shorten_access(session, generation)).min(idle);
        Expiries { access, idle, absolute }
    }

    /// How long a session lasts at most.
    pub const fn absolute(&self, remember: bool) -> Duration {
        self.span(remember).absolute
    }

    const fn span(&self, remember: bool) -> Span {
        if remember { self.remembered } else { self.ordinary }
    }

    /// The access lifetime in milliseconds, up to a twentieth shorter: sessions that began together (a site that was
    /// down is back) do not all come to be refreshed together. Derived, so that there is nothing to be stored or drawn.
    fn shorten_access(&self, session: SessionId, generation: u32) -> u64 {
        let hash = Sha256::new().chain_update(session.as_bytes()).chain_update(generation.to_be_bytes()).finalize();
        let share = hash.iter().take(4).fold(0, |share, byte| share << 8 | u128::from(*byte));
        let most = self.access_ms() / 20;
        let less = (u128::from(most) * share) >> 32;
        self.access_ms() - u64::try_from(less).unwrap_or(most)
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
        let id = SessionId::new([7; 16]);
        let ends = tight.expiries(now, false, id);
        assert_eq!((ends.access, ends.idle, ends.absolute), (now.plus(30_000), now.plus(30_000), now.plus(30_000)));
        let ends = Lifetimes::default().expiries(now, true, id);
        assert!(now.plus(855_000) <= ends.access && ends.access <= now.plus(900_000), "{}", ends.access);
        assert_eq!(ends.idle, now.plus(14 * 86_400_000));
        assert_eq!(ends.absolute, now.plus(30 * 86_400_000));
    }

    #[test]
    fn a_session_that_slides_never_passes_its_absolute_end() {
        let now = UnixMillis::new(1_000_000).unwrap();
        let lifetimes = Lifetimes::default();
        for (left, idle, most) in
            [(28_800_000, 3_600_000, 900_000), (3_000_000, 3_000_000, 900_000), (20_000, 20_000, 20_000)]
        {
            let ends = lifetimes.slide(now, now.plus(left), false, SessionId::new([7; 16]), 3);
            assert_eq!((ends.idle, ends.absolute), (now.plus(idle), now.plus(left)));
            assert!(ends.access <= now.plus(most) && ends.access > now);
        }
    }

    #[test]
    fn access_lifetimes_are_spread_downwards_and_are_what_they_are() {
        let lifetimes = Lifetimes::default();
        let lifetime = |session: u8, generation| lifetimes.shorten_access(SessionId::new([session; 16]), generation);
        let all: Vec<u64> =
            (0..=255).flat_map(|session| (0..8).map(move |generation| lifetime(session, generation))).collect();
        let (least, most) = (*all.iter().min().unwrap(), *all.iter().max().unwrap());
        assert!((855_000..856_000).contains(&least), "{least}");
        assert!((899_000..=900_000).contains(&most), "{most}");
        // For ever: another origin, and the next version, work out the same.
        assert_eq!((lifetime(7, 0), lifetime(7, 1)), (889_290, 899_302));
    }
}
