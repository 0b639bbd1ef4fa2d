//! The documents that the entry module keeps know what we know.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// A document as it was taken in.
#[derive(Clone, Debug)]
struct Document {
    errand: Errand,
    status: u16,
    bytes: Vec<u8>,
    asked_at: UnixMillis,
    /// Which sessions it tells of.
    tells: Vec<u64>,
}

impl Document {
    fn absorb(&self, door: &mut Door) -> Outcome {
        absorb(door, &self.errand, self.status, &self.bytes, self.asked_at)
    }
}

/// As `keep` of `door.mjs` does it.
#[derive(Clone, Debug, Default)]
struct Kept(Vec<Document>);

impl Kept {
    fn keep(&mut self, outcome: Outcome, document: Document) {
        let Outcome::Feed(keep) = outcome else { return };
        let last = self.0.pop();
        let others = core::mem::take(&mut self.0);
        self.0 = match keep {
            Keep::Not => others.into_iter().chain(last).collect(),
            Keep::Too => others.into_iter().chain(last).chain([document]).collect(),
            Keep::InPlaceOfLast => others.into_iter().chain([document]).collect(),
            Keep::InPlaceOfOthers => [document].into_iter().chain(last).collect(),
            Keep::BeforeLast => others.into_iter().chain([document]).chain(last).collect(),
        };
    }

    /// Hands all of them to a door that has lost its memory.
    fn replay(&self) -> Door {
        let mut door = door_with_keys();
        for document in &self.0 {
            document.absorb(&mut door);
        }
        door
    }
}

/// An origin, an edge that loses its memory now and then, and what is on its way between them.
struct World {
    epoch: u64,
    /// The sessions that were revoked, in the order of the sequence.
    log: Vec<u64>,
    /// When each session was revoked, by number, and when that was forgotten.
    revoked: Vec<(UnixMillis, Option<UnixMillis>)>,
    now: UnixMillis,
    door: Door,
    kept: Kept,
    on_the_way: Vec<Document>,
    told: BTreeSet<u64>,
}

#[derive(Clone, Debug)]
enum Step {
    Revoke(u64),
    /// The database turns out to have forgotten so many.
    Restore(usize),
    /// A head with that many entries, and a snapshot on offer that lies that many before its end.
    AskHead(usize, u64),
    /// What the feed wants next.
    AskNext,
    /// The newest snapshot, as after very many heads.
    AskNewest,
    /// The answer to one of the questions comes.
    Answer(usize),
    LoseMemory,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (1..4_u64).prop_map(Step::Revoke),
        1 => (0..6_usize).prop_map(Step::Restore),
        4 => (0..5_usize, 0..5_u64).prop_map(|(window, back)| Step::AskHead(window, back)),
        3 => Just(Step::AskNext),
        1 => Just(Step::AskNewest),
        8 => (0..4_usize).prop_map(Step::Answer),
        1 => Just(Step::LoseMemory),
    ]
}

impl World {
    fn new() -> Self {
        Self {
            epoch: 1,
            log: vec![],
            revoked: vec![],
            now: NOW,
            door: door_with_keys(),
            kept: Kept::default(),
            on_the_way: vec![],
            told: BTreeSet::new(),
        }
    }

    fn step(&mut self, step: &Step) {
        self.now = self.now.plus(50);
        match *step {
            Step::Revoke(count) => {
                for _ in 0..count {
                    self.log.push(u64::try_from(self.revoked.len()).unwrap());
                    self.revoked.push((self.now, None));
                }
            }
            Step::Restore(count) => {
                for number in self.log.split_off(self.log.len().saturating_sub(count)) {
                    self.revoked[usize::try_from(number).unwrap()].1 = Some(self.now);
                }
                self.epoch = self.epoch.saturating_add(1);
            }
            Step::AskHead(window, back) => self.ask_head(window, back),
            Step::AskNext => match self.door.feed.errand(self.now) {
                Errand::Snapshot(position) => self.ask_snapshot(position),
                _ => self.ask_head(2, 0),
            },
            Step::AskNewest if self.door.feed.newest.epoch > 0 => self.ask_snapshot(self.door.feed.newest),
            Step::AskNewest => {}
            Step::Answer(place) => {
                if place < self.on_the_way.len() {
                    self.take(place);
                }
            }
            Step::LoseMemory => self.door = self.kept.replay(),
        }
    }

    fn ask_head(&mut self, window: usize, back: u64) {
        let sequence = u64::try_from(self.log.len()).unwrap();
        let from = self.log.len().saturating_sub(window);
        let (after, tells) = (u64::try_from(from).unwrap(), self.log[from..].to_vec());
        let entries: Vec<_> = tells.iter().map(|number| Revoked::Session(session(*number))).collect();
        let position = Position { epoch: self.epoch, sequence };
        let snapshot = sequence.saturating_sub(back).max(after);
        let bytes = seal(&Head { snapshot, ..head_of(position, after, &entries) });
        self.on_the_way.push(Document { errand: HEAD, status: 200, bytes, asked_at: self.now, tells });
    }

    fn ask_snapshot(&mut self, position: Position) {
        let errand = Errand::Snapshot(position);
        let upto = usize::try_from(position.sequence).unwrap();
        let document = if position.epoch == self.epoch && upto <= self.log.len() {
            let tells = self.log[..upto].to_vec();
            let entries: Vec<_> = tells.iter().map(|number| Revoked::Session(session(*number))).collect();
            Document { errand, status: 200, bytes: snapshot(position, &entries), asked_at: self.now, tells }
        } else {
            Document { errand, status: 404, bytes: vec![], asked_at: self.now, tells: vec![] }
        };
        self.on_the_way.push(document);
    }

    fn take(&mut self, place: usize) {
        let document = self.on_the_way.remove(place);
        let outcome = document.absorb(&mut self.door);
        if matches!(outcome, Outcome::Feed(_)) {
            self.told.extend(&document.tells);
        }
        self.kept.keep(outcome, document);
    }

    fn check(&self) -> Result<(), TestCaseError> {
        let replayed = self.kept.replay();
        for (door, which) in [(&self.door, "as it is"), (&replayed, "after a replay")] {
            for (number, (revoked_at, forgotten_at)) in (0..).zip(&self.revoked) {
                let hits = hits(&door.feed, session(number));
                prop_assert_eq!(hits, self.told.contains(&number), "{} {}", number, which);
                // Whatever decides lacks nothing that the database knew at the moment of the question.
                let was_known = |as_of| *revoked_at < as_of && forgotten_at.is_none_or(|forgotten| as_of < forgotten);
                prop_assert!(hits || !door.feed.as_of.is_some_and(was_known), "{} {} is too young", number, which);
            }
        }
        prop_assert!(replayed.feed.as_of.is_some() || self.door.feed.as_of.is_none(), "complete before, and not after");
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn documents_that_are_kept_tell_all_that_was_told(steps in proptest::collection::vec(any_step(), 0..48)) {
        let mut world = World::new();
        for step in &steps {
            world.step(step);
            world.check()?;
        }
    }
}

/// A head that lies just behind what is known, so that none before it can be left out.
fn read_next(door: &mut Door, kept: &mut Kept, sequence: u64) -> Outcome {
    let before = sequence.saturating_sub(1);
    let bytes = head(at(sequence), before, &sessions(before..sequence));
    let asked_at = NOW.plus(sequence);
    let document = Document { errand: HEAD, status: 200, bytes, asked_at, tells: vec![] };
    let outcome = document.absorb(door);
    kept.keep(outcome, document);
    outcome
}

#[test]
fn very_many_heads_are_replaced_by_a_snapshot() {
    let (mut door, mut kept) = (door_with_keys(), Kept::default());
    let most = u64::from(KEPT);
    for sequence in 1..=most {
        assert_eq!(read_next(&mut door, &mut kept, sequence), Outcome::Feed(Keep::Too));
        assert_eq!(door.feed.errand_behind(NOW.plus(sequence)), None, "{sequence}");
    }
    read_next(&mut door, &mut kept, most + 1);
    let errand = Errand::Snapshot(at(most + 1));
    let asked_at = NOW.plus(most + 1);
    assert_eq!(door.feed.errand_behind(asked_at), Some(errand.clone()));
    assert_eq!(door.feed.errand_behind(asked_at), None, "once");
    read_next(&mut door, &mut kept, most + 2);
    let bytes = snapshot(at(most + 1), &sessions(0..most + 1));
    let document = Document { errand, status: 200, bytes, asked_at, tells: vec![] };
    let outcome = document.absorb(&mut door);
    kept.keep(outcome, document);
    assert_eq!((outcome, kept.0.len()), (Outcome::Feed(Keep::InPlaceOfOthers), 2));
    let replayed = kept.replay();
    assert!((0..most + 2).all(|number| hits(&replayed.feed, session(number))));
    assert_eq!((replayed.feed.as_of, replayed.feed.position()), (door.feed.as_of, Some(at(most + 2))));
}

#[test]
fn a_compaction_that_fails_is_tried_again_after_as_many_heads() {
    let (mut door, mut kept) = (door_with_keys(), Kept::default());
    let most = u64::from(KEPT);
    let mut asked = vec![];
    for sequence in 1..=3 * most {
        read_next(&mut door, &mut kept, sequence);
        if let Some(errand) = door.feed.errand_behind(NOW.plus(sequence)) {
            absorb(&mut door, &errand, 503, b"", NOW.plus(sequence));
            asked.push(sequence);
        }
    }
    assert_eq!(asked, [most + 1, 2 * most + 2]);
}

#[test]
fn what_an_earlier_epoch_told_is_kept_until_it_is_over() {
    for (asked_at, keep, kept_documents) in [(899_999, Keep::BeforeLast, 3), (900_000, Keep::InPlaceOfOthers, 2)] {
        let (mut door, mut kept) = (door_with_keys(), Kept::default());
        read_next(&mut door, &mut kept, 1);
        let position = at_epoch_2(1);
        for (errand, bytes, asked_at) in [
            (HEAD, head(position, 0, &sessions(7..8)), NOW.plus(10)),
            (Errand::Snapshot(position), snapshot(position, &sessions(7..8)), NOW.plus(asked_at)),
        ] {
            let document = Document { errand, status: 200, bytes, asked_at, tells: vec![] };
            let outcome = document.absorb(&mut door);
            kept.keep(outcome, document);
            if outcome != Outcome::Feed(Keep::Too) {
                assert_eq!(outcome, Outcome::Feed(keep));
            }
        }
        assert_eq!(kept.0.len(), kept_documents);
        assert_eq!(hits(&kept.replay().feed, session(0)), kept_documents == 3);
    }
}

#[test]
fn a_head_that_says_nothing_new_is_not_kept_anew() {
    let (mut door, mut kept) = (door_with_keys(), Kept::default());
    read_next(&mut door, &mut kept, 1);
    let same = head(at(1), 0, &sessions(0..1));
    assert_eq!(absorb(&mut door, &HEAD, 200, &same, NOW.plus(100)), Outcome::Feed(Keep::Not));
    assert_eq!(door.feed.age(NOW.plus(100)), Some(0));
}

#[test]
fn a_head_that_reaches_as_far_back_takes_the_place_of_the_last() {
    let (mut door, mut kept) = (door_with_keys(), Kept::default());
    read_next(&mut door, &mut kept, 1);
    read_next(&mut door, &mut kept, 2);
    assert_eq!(
        absorb(&mut door, &HEAD, 200, &head(at(3), 1, &sessions(1..3)), NOW.plus(3)),
        Outcome::Feed(Keep::InPlaceOfLast)
    );
    assert_eq!(absorb(&mut door, &HEAD, 200, &head(at(4), 2, &sessions(2..4)), NOW.plus(4)), Outcome::Feed(Keep::Too));
}

#[test]
fn the_same_number_in_a_later_epoch_is_something_new() {
    let (mut door, mut kept) = (door_with_keys(), Kept::default());
    read_next(&mut door, &mut kept, 1);
    let head = head(at_epoch_2(1), 0, &sessions(5..6));
    assert_eq!(absorb(&mut door, &HEAD, 200, &head, NOW.plus(3)), Outcome::Feed(Keep::Too));
}
