//! Which snapshot edges are pointed to. One number for as long as it serves, so that the many isolates that start at
//! once share one document, which a cache may keep.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use sealgate_shared::revocation::Position;

/// How long a number is offered, at least, while it serves.
const OFFERED: Duration = Duration::from_secs(5);

/// The number on offer.
#[derive(Debug, Default)]
pub(super) struct Offers(Mutex<Option<Offer>>);

#[derive(Clone, Copy, Debug)]
struct Offer {
    position: Position,
    since: Instant,
}

impl Offers {
    /// The number to name in a head of that position whose entries are complete behind `after`.
    pub(super) fn choose(&self, position: Position, after: u64, now: Instant) -> u64 {
        let mut offered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match *offered {
            Some(offer) if offer.serves(position, after, now) => offer.position.sequence,
            _ => {
                *offered = Some(Offer { position, since: now });
                position.sequence
            }
        }
    }
}

impl Offer {
    /// Whether whoever loads the snapshot and adds the head lacks nothing, and goes on lacking nothing with the next
    /// heads, whose entries begin later: a half of the head is left for that, while it loads.
    fn serves(self, position: Position, after: u64, now: Instant) -> bool {
        let (held, wanted) = (self.position.sequence, position.sequence);
        let reaches = held >= after + wanted.saturating_sub(after) / 2;
        let is_young = now.saturating_duration_since(self.since) < OFFERED;
        self.position.epoch == position.epoch && held <= wanted && (held == wanted || (reaches && is_young))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(sequence: u64) -> Position {
        Position { epoch: 1, sequence }
    }

    #[test]
    fn one_number_is_offered_for_five_seconds_and_for_as_long_as_nothing_happens() {
        let (offers, start) = (Offers::default(), Instant::now());
        let later = |milliseconds| start + Duration::from_millis(milliseconds);
        assert_eq!(offers.choose(at(100), 90, start), 100);
        assert_eq!(offers.choose(at(105), 95, later(4_999)), 100);
        assert_eq!(offers.choose(at(105), 95, later(5_000)), 105);
        assert_eq!(offers.choose(at(105), 105, later(500_000)), 105, "it is the newest there can be");
    }

    #[test]
    fn it_moves_at_once_when_the_head_is_about_to_begin_behind_it() {
        let (offers, start) = (Offers::default(), Instant::now());
        assert_eq!(offers.choose(at(4_096), 0, start), 4_096);
        assert_eq!(offers.choose(at(6_144), 2_048, start), 4_096);
        assert_eq!(offers.choose(at(6_146), 2_050, start), 6_146, "less than a half is left");
        for (position, after) in [(6_147, 6_147), (6_148, 6_147), (9_000, 8_000)] {
            assert!(offers.choose(at(position), after, start) >= after);
        }
    }

    #[test]
    fn it_is_of_the_epoch_and_never_ahead() {
        let (offers, start) = (Offers::default(), Instant::now());
        assert_eq!(offers.choose(at(100), 90, start), 100);
        let restored = Position { epoch: 2, sequence: 100 };
        assert_eq!(offers.choose(restored, 100, start), 100);
        assert_eq!(offers.choose(Position { sequence: 101, ..restored }, 99, start), 100);
        assert_eq!(offers.choose(Position { epoch: 3, sequence: 7 }, 5, start), 7);
    }
}
