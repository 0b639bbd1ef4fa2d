//! The last entries of the sequence of revocations: what edges are told all the time.

use std::collections::{HashSet, VecDeque};

use sealgate_shared::id::TenantId;
use sealgate_shared::revocation::Entry;
use sealgate_shared::time::UnixMillis;

use crate::store::Recorded;

/// How long an entry is among the last ones, in milliseconds.
const KEPT_MS: u64 = 60_000;
/// How many entries are kept at most.
pub(super) const MOST: usize = 4_096;

/// The last entries, without a gap.
#[derive(Debug, Default)]
pub(super) struct Recent {
    /// All entries with greater numbers are here, up to where memory reflects the sequence.
    after: u64,
    entries: VecDeque<Recorded>,
}

/// What an edge is told of the last entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::office) struct Told {
    /// All entries with greater numbers are in `entries`.
    pub(in crate::office) after: u64,
    pub(in crate::office) entries: Vec<Entry>,
}

impl Recent {
    /// These entries, which are all that have numbers greater than `after`.
    pub(super) fn new(after: u64, entries: Vec<Recorded>) -> Self {
        let mut recent = Self { after, entries: entries.into() };
        recent.drop_while(|_, count| count > MOST);
        recent
    }

    /// Adds the next one.
    pub(super) fn add(&mut self, recorded: Recorded) {
        self.entries.push_back(recorded);
        self.drop_while(|_, count| count > MOST);
    }

    /// Drops what is no longer among the last ones.
    pub(super) fn prune(&mut self, now: UnixMillis) {
        self.drop_while(|first, _| now.since(first.created_at) > KEPT_MS);
    }

    /// What to tell an edge that serves these tenants.
    pub(super) fn tell(&self, tenants: &[TenantId]) -> Told {
        let tenants: HashSet<&TenantId> = tenants.iter().collect();
        let theirs = self.entries.iter().filter(|recorded| tenants.contains(&recorded.tenant));
        Told { after: self.after, entries: theirs.map(|recorded| recorded.entry.clone()).collect() }
    }

    /// Drops from the front: what is left has no gap.
    fn drop_while(&mut self, is_over: impl Fn(&Recorded, usize) -> bool) {
        while let Some(first) = self.entries.front()
            && is_over(first, self.entries.len())
        {
            self.after = first.sequence;
            self.entries.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use sealgate_shared::id::SessionId;
    use sealgate_shared::revocation::Revoked;

    use super::*;

    fn recorded(sequence: u64, tenant: &str, created_at: u64) -> Recorded {
        let session = SessionId::new([u8::try_from(sequence % 256).unwrap(); 16]);
        Recorded {
            sequence,
            tenant: tenant.parse().unwrap(),
            created_at: UnixMillis::new(created_at).unwrap(),
            entry: Entry { revoked: Revoked::Session(session), expires_at: UnixMillis::MAX },
        }
    }

    fn told(recent: &Recent, tenant: &str) -> (u64, usize) {
        let told = recent.tell(&[tenant.parse().unwrap()]);
        (told.after, told.entries.len())
    }

    #[test]
    fn what_is_older_than_a_minute_goes_and_is_behind_the_number_that_is_told() {
        let mut recent = Recent::new(0, vec![recorded(1, "demo", 1_000), recorded(2, "other", 2_000)]);
        recent.add(recorded(5, "demo", 3_000));
        assert_eq!(told(&recent, "demo"), (0, 2));
        assert_eq!(told(&recent, "other"), (0, 1));
        let at = |milliseconds| UnixMillis::new(milliseconds).unwrap();
        recent.prune(at(61_000));
        assert_eq!(told(&recent, "demo"), (0, 2), "a minute to the millisecond");
        recent.prune(at(61_001));
        assert_eq!(told(&recent, "demo"), (1, 1));
        assert_eq!(told(&recent, "other"), (1, 1));
        recent.prune(at(90_000));
        assert_eq!(told(&recent, "demo"), (5, 0), "not before the number of the last one that went");
    }

    #[test]
    fn there_are_never_more_than_fit() {
        let many = (1..=5_000).map(|sequence| recorded(sequence, "demo", 1)).collect();
        let mut recent = Recent::new(0, many);
        assert_eq!(told(&recent, "demo"), (904, MOST));
        recent.add(recorded(5_001, "demo", 1));
        assert_eq!(told(&recent, "demo"), (905, MOST));
    }

    #[test]
    fn without_entries_all_there_are_is_behind_where_it_was_filled_from() {
        assert_eq!(told(&Recent::new(7, Vec::new()), "demo"), (7, 0));
    }
}
