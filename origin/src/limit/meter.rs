//! Counting what many callers use up, in memory that does not grow.
//!
//! The generic cell rate algorithm (a leaky bucket kept as one time): for each key we remember when all it
//! used will have come back. Such a time that has passed says the same as no entry at all, so nothing ever
//! needs sweeping.
//!
//! Crates for this (`governor`, `leaky-bucket`) keep a map that grows with the keys it is shown until somebody
//! calls for a clean-up, and keys are what an attacker invents. Here there are as many places as there are: a
//! key has [`WAYS`] of them, and a newcomer takes the place of the key that has used least. So whoever is over
//! the limit stays remembered while a hundred thousand others pass by, and what is forgotten is forgotten in
//! the caller's favour.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher as _, Hash};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sealgate_shared::time::UnixMillis;

use super::Rate;

/// Sets of places; a key's own is told by its hash.
const SETS: usize = 4_096;
/// Places in a set.
const WAYS: usize = 8;

/// What a key has used.
#[derive(Clone, Copy, Default)]
struct Place {
    /// Which key: a hash under a seed of this process, so that nobody can choose keys that collide.
    key: u64,
    /// When all that it used will have come back, in microseconds since 1970.
    clear_at_us: u64,
}

/// Counts, for each key, against one rate.
pub(super) struct Meter {
    rate: Rate,
    seed: RandomState,
    sets: Box<[Mutex<[Place; WAYS]>]>,
}

impl Meter {
    pub(super) fn new(rate: Rate) -> Self {
        let sets = std::iter::repeat_with(Mutex::default).take(SETS).collect();
        Self { rate, seed: RandomState::new(), sets }
    }

    /// Takes one for the key, or answers how long it must wait for the next; then nothing is taken.
    pub(super) fn take(&self, key: impl Hash, now: UnixMillis) -> Result<(), Duration> {
        let now_us = now.as_u64().saturating_mul(1_000);
        let key = self.seed.hash_one(key);
        let set = usize::try_from(key % SETS as u64).unwrap_or_default();
        // A panic elsewhere cannot leave a set half-written: each write is one assignment.
        let mut places = self.sets[set].lock().unwrap_or_else(PoisonError::into_inner);
        let place = find(&mut places, key, now_us);
        // Should the clock have been set back, nobody waits longer than for all to come back.
        let latest = now_us.saturating_add(self.rate.period_us);
        let used_until = if place.key == key { place.clear_at_us.clamp(now_us, latest) } else { now_us };
        let clear_at_us = used_until.saturating_add(self.rate.interval_us());
        if clear_at_us > latest {
            place.clear_at_us = used_until;
            return Err(Duration::from_micros(clear_at_us - latest));
        }
        *place = Place { key, clear_at_us };
        Ok(())
    }
}

/// The key's place, else the one that has used least: an empty one, if there is any.
fn find(places: &mut [Place; WAYS], key: u64, now_us: u64) -> &mut Place {
    let own = places.iter().position(|place| place.key == key && place.clear_at_us > now_us);
    let least = || (0..WAYS).min_by_key(|&way| places[way].clear_at_us).unwrap_or_default();
    let way = own.unwrap_or_else(least);
    &mut places[way]
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meter").field("rate", &self.rate).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> UnixMillis {
        UnixMillis::new(1_780_000_000_000 + milliseconds).unwrap()
    }

    /// Takes until refused: how many, and the wait.
    fn drain(meter: &Meter, key: &str, now: UnixMillis) -> (u64, Duration) {
        let mut taken = 0;
        loop {
            match meter.take(key, now) {
                Ok(()) => taken += 1,
                Err(wait) => return (taken, wait),
            }
        }
    }

    #[test]
    fn as_many_at_once_as_the_rate_says_and_they_come_back_evenly() {
        let meter = Meter::new(Rate::per_minute(60));
        assert_eq!(drain(&meter, "a", at(0)), (60, Duration::from_secs(1)));
        assert_eq!(drain(&meter, "a", at(999)), (0, Duration::from_millis(1)));
        assert_eq!(drain(&meter, "a", at(1_000)), (1, Duration::from_secs(1)));
        assert_eq!(drain(&meter, "a", at(11_000)).0, 10);
        assert_eq!(drain(&meter, "a", at(200_000)).0, 60, "no more than the rate is saved up");
    }

    #[test]
    fn waiting_as_long_as_it_says_is_enough_and_a_millisecond_less_is_not() {
        for rate in ["1/s", "3/s", "7/m", "1000/s", "11/h", "1/h"] {
            let meter = Meter::new(rate.parse().unwrap());
            let (_, wait) = drain(&meter, "a", at(0));
            let wait = u64::try_from(wait.as_micros().div_ceil(1_000)).unwrap();
            assert!(meter.take("a", at(wait - 1)).is_err(), "{rate}");
            assert!(meter.take("a", at(wait)).is_ok(), "{rate}");
        }
    }

    #[test]
    fn being_refused_costs_nothing() {
        let meter = Meter::new(Rate::per_minute(2));
        drain(&meter, "a", at(0));
        for _ in 0..1_000 {
            assert!(meter.take("a", at(1)).is_err());
        }
        assert!(meter.take("a", at(30_000)).is_ok());
    }

    #[test]
    fn keys_do_not_share() {
        let meter = Meter::new(Rate::per_minute(5));
        drain(&meter, "a", at(0));
        assert_eq!(drain(&meter, "b", at(0)).0, 5);
    }

    #[test]
    fn a_clock_set_back_locks_nobody_out() {
        let meter = Meter::new(Rate::per_minute(5));
        drain(&meter, "a", at(10_000_000));
        let (taken, wait) = drain(&meter, "a", at(0));
        assert_eq!((taken, wait), (0, Duration::from_secs(12)), "as if all had been used just now");
        assert!(meter.take("a", at(12_000)).is_ok());
    }

    #[test]
    fn a_hundred_thousand_invented_keys_take_no_room_and_free_nobody() {
        let meter = Meter::new(Rate::per_minute(5));
        drain(&meter, "flooder", at(0));
        let refused = (0..100_000_u32).filter(|invented| meter.take(invented, at(1)).is_err()).count();
        assert_eq!(refused, 0, "a key that is new is not refused");
        assert_eq!(meter.sets.len() * size_of::<Mutex<[Place; WAYS]>>(), size_of_val(&*meter.sets));
        assert!(size_of_val(&*meter.sets) < 1 << 20, "less than a megabyte, whatever happens");
        assert!(meter.take("flooder", at(1)).is_err(), "it is remembered among them");
    }
}
