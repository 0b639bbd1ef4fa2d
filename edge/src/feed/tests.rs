use sealgate_shared::report::{Counter, Feed as FeedCount, Outcome as Ended};
use sealgate_shared::revocation::Revoked;

use super::*;
use crate::door::{Answer, Door};
use crate::errand::Client;
use crate::errand::{Errand, Kind, Outcome};
use crate::sample::{
    CHALLENGE, HEAD, NOW, OTHER_SESSION, SESSION, absorb, at, claims, door, door_with, door_with_keys, edge_secret,
    entry, head, head_of, seal, snapshot,
};

mod kept;

const SHARED: Errand = Errand::Head { is_direct: false };
const FAILED: Outcome = Outcome::Failed(Kind::Head);

/// Sessions that are revoked, as many as are wanted.
pub(super) fn sessions(numbers: core::ops::Range<u64>) -> Vec<Revoked> {
    numbers.map(|number| Revoked::Session(session(number))).collect()
}

pub(super) fn session(number: u64) -> SessionId {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    SessionId::new(bytes)
}

/// Whether the set hits that session.
pub(super) fn hits(feed: &Feed, session: SessionId) -> bool {
    feed.set.hits(&claims(session), crate::sample::key(1, "demo").id())
}

/// A door that knows, as of [`NOW`], of the revocation of [`SESSION`], number 5 of epoch 2.
fn knowing() -> Door {
    let mut door = door_with_keys();
    let position = Position { epoch: 2, sequence: 5 };
    absorb(&mut door, &HEAD, 200, &head(position, 0, &[Revoked::Session(SESSION)]), NOW);
    door
}

fn at_epoch_2(sequence: u64) -> Position {
    Position { epoch: 2, sequence }
}

/// How often each kind of trouble was counted.
fn troubles(door: &Door) -> [(FeedCount, u64); 3] {
    [FeedCount::Failed, FeedCount::Older, FeedCount::Forged].map(|kind| (kind, door.counts.get(Counter::Feed(kind))))
}

/// The document is refused for this reason, and what is held is as good as before, and as old.
#[track_caller]
fn refuses(errand: &Errand, status: u16, body: &[u8], challenge: &str, reason: FeedCount) {
    let mut door = knowing();
    door.feed.errand(NOW.plus(100));
    let asked = Asked { at: NOW.plus(100), challenge };
    assert_eq!(door.absorb(errand, Answer { status, body, left: 0 }, &asked), FAILED);
    for (kind, count) in troubles(&door) {
        assert_eq!(count, u64::from(kind == reason), "{kind:?}");
    }
    assert_eq!((door.feed.position(), door.feed.age(NOW.plus(150))), (Some(at_epoch_2(5)), Some(150)));
    assert!(hits(&door.feed, SESSION) && !hits(&door.feed, OTHER_SESSION));
    assert!(door.feed.is_unreachable(NOW.plus(150)));
}

/// One that would be taken, of number 6.
fn good() -> Vec<u8> {
    head(at_epoch_2(6), 0, &[Revoked::Session(OTHER_SESSION)])
}

#[test]
fn a_good_head_is_taken() {
    let mut door = knowing();
    assert!(matches!(absorb(&mut door, &HEAD, 200, &good(), NOW.plus(100)), Outcome::Feed(_)));
    assert_eq!((door.feed.position(), door.feed.age(NOW.plus(150))), (Some(at_epoch_2(6)), Some(50)));
    assert!(hits(&door.feed, SESSION) && hits(&door.feed, OTHER_SESSION));
    assert_eq!(door.counts.get(Counter::Feed(FeedCount::Ok)), 2);
}

#[test]
fn a_bent_or_truncated_head_is_refused() {
    let good = good();
    for byte in (0..good.len()).step_by(7) {
        let mut bent = good.clone();
        bent[byte] ^= 0x40;
        refuses(&HEAD, 200, &bent, CHALLENGE, FeedCount::Forged);
        refuses(&HEAD, 200, &good[..byte], CHALLENGE, FeedCount::Forged);
    }
    refuses(&HEAD, 200, &[good.as_slice(), b"x"].concat(), CHALLENGE, FeedCount::Forged);
}

#[test]
fn a_head_of_another_edge_or_of_another_kind_is_refused() {
    let document = head_of(at_epoch_2(6), 0, &[]);
    let stranger = document.seal(&"other".parse().unwrap(), &edge_secret(), [0; 12]);
    refuses(&HEAD, 200, &stranger, CHALLENGE, FeedCount::Forged);
    let secret = sealgate_shared::edge::EdgeSecret::new(sealgate_shared::secret::Secret32::new([8; 32]));
    let stranger = document.seal(&"dev".parse().unwrap(), &secret, [0; 12]);
    refuses(&HEAD, 200, &stranger, CHALLENGE, FeedCount::Forged);
    refuses(&HEAD, 200, &crate::sample::keyring(2), CHALLENGE, FeedCount::Forged);
    refuses(&HEAD, 200, &snapshot(at_epoch_2(6), &[]), CHALLENGE, FeedCount::Forged);
}

#[test]
fn an_answer_to_another_question_is_refused() {
    refuses(&HEAD, 200, &good(), "challenge-2", FeedCount::Forged);
    refuses(&HEAD, 200, &good(), "", FeedCount::Forged);
    let for_many = seal(&Head { challenge: String::new(), ..head_of(at_epoch_2(6), 0, &[]) });
    refuses(&HEAD, 200, &for_many, CHALLENGE, FeedCount::Forged);
    refuses(&HEAD, 200, &for_many, "", FeedCount::Forged);
    refuses(&SHARED, 200, &good(), CHALLENGE, FeedCount::Forged);
}

#[test]
fn an_older_head_is_refused() {
    for older in [at_epoch_2(4), at(6), at(1_000)] {
        let entries = [Revoked::Session(OTHER_SESSION)];
        refuses(&HEAD, 200, &head(older, 0, &entries), CHALLENGE, FeedCount::Older);
        refuses(&HEAD, 200, &head(older, 3, &entries), CHALLENGE, FeedCount::Older);
    }
}

#[test]
fn an_answer_that_is_none_is_refused() {
    for status in [0, 204, 304, 401, 404, 500, 503] {
        refuses(&HEAD, status, &good(), CHALLENGE, FeedCount::Failed);
        refuses(&SHARED, status, &good(), "", FeedCount::Failed);
    }
}

#[test]
fn what_many_are_handed_is_taken_where_it_was_asked_for() {
    let mut door = door_with(r#""feed_cache": "1s","#);
    let for_many = seal(&Head { challenge: String::new(), ..head_of(at(6), 0, &[]) });
    assert!(matches!(absorb(&mut door, &SHARED, 200, &for_many, NOW), Outcome::Feed(_)));
}

#[test]
fn a_gap_leaves_what_is_held_as_good_as_it_was_and_as_old() {
    let mut door = knowing();
    let entries = [Revoked::Session(OTHER_SESSION)];
    assert!(matches!(
        absorb(&mut door, &HEAD, 200, &head(at_epoch_2(9), 7, &entries), NOW.plus(100)),
        Outcome::Feed(_)
    ));
    assert_eq!((door.feed.set.position(), door.feed.age(NOW.plus(150))), (Some(at_epoch_2(5)), Some(150)));
    assert_eq!(door.counts.get(Counter::Feed(FeedCount::Gap)), 1);
    assert!(hits(&door.feed, OTHER_SESSION), "what it tells is true nevertheless");
}

#[test]
fn a_later_epoch_is_added_to_what_is_known() {
    let mut door = knowing();
    let position = Position { epoch: 3, sequence: 2 };
    absorb(&mut door, &HEAD, 200, &head(position, 1, &[Revoked::Session(OTHER_SESSION)]), NOW.plus(100));
    assert_eq!(door.feed.errand(NOW.plus(100)), Errand::Snapshot(position));
    let outcome = absorb(&mut door, &Errand::Snapshot(position), 200, &snapshot(position, &[]), NOW.plus(110));
    assert_eq!(outcome, Outcome::Feed(Keep::BeforeLast));
    assert_eq!((door.feed.position(), door.feed.age(NOW.plus(150))), (Some(position), Some(50)));
    assert!(hits(&door.feed, SESSION) && hits(&door.feed, OTHER_SESSION), "nothing is ever un-revoked");
}

/// A door that lacks what stands in the snapshot of 3,000 sessions, and the snapshot.
fn lacking() -> (Door, Errand, Vec<u8>) {
    let mut door = door_with_keys();
    absorb(&mut door, &HEAD, 200, &head(at(3_000), 2_999, &sessions(2_999..3_000)), NOW);
    (door, Errand::Snapshot(at(3_000)), snapshot(at(3_000), &sessions(0..3_000)))
}

fn absorb_in_pieces(door: &mut Door, errand: &Errand, bytes: &[u8], size: usize) -> Vec<Outcome> {
    let mut left = bytes.len();
    let pieces = bytes.chunks(size).map(|body| {
        left = left.saturating_sub(body.len());
        let answer = Answer { status: 200, body, left: left.try_into().unwrap() };
        door.absorb(errand, answer, &Asked { at: NOW, challenge: CHALLENGE })
    });
    pieces.collect()
}

#[test]
fn a_snapshot_comes_in_pieces_wherever_it_is_cut() {
    for size in [997, 20_000, 65_536, 1_000_000] {
        let (mut door, errand, bytes) = lacking();
        let outcomes = absorb_in_pieces(&mut door, &errand, &bytes, size);
        let (last, others) = outcomes.split_last().unwrap();
        assert!(others.iter().all(|outcome| *outcome == Outcome::More));
        assert_eq!(*last, Outcome::Feed(Keep::InPlaceOfOthers));
        assert_eq!((door.feed.age(NOW), door.feed.position()), (Some(0), Some(at(3_000))));
        assert!((0..3_000).all(|number| hits(&door.feed, session(number))));
        assert_eq!(door.counts.get(Counter::Snapshot(Ended::Ok)), 1, "not once a piece");
    }
}

#[test]
fn a_snapshot_that_is_cut_short_bent_or_another_closes_no_gap() {
    let (_, errand, good) = lacking();
    let mut bent = good.clone();
    bent[30_000] ^= 1;
    let long = [good.as_slice(), b"x"].concat();
    let other = snapshot(at(2_999), &sessions(0..2_999));
    let documents: [(u16, &[u8]); 9] = [
        (200, b""),
        (200, &good[..10]),
        (200, &good[..good.len() - 1]),
        (200, &bent),
        (200, &long),
        (200, &other),
        (404, b""),
        (404, &good),
        (0, b""),
    ];
    for (place, (status, document)) in documents.into_iter().enumerate() {
        let (mut door, _, good) = lacking();
        let failed = Outcome::Failed(Kind::Snapshot);
        assert_eq!(absorb(&mut door, &errand, status, document, NOW), failed, "{place}");
        assert_eq!((door.feed.age(NOW), door.feed.set.position()), (None, None), "{place}");
        assert_eq!(door.counts.get(Counter::Snapshot(Ended::Failed)), 1);
        // Another head, and then the snapshot whole.
        absorb(&mut door, &HEAD, 200, &head(at(3_000), 2_999, &[]), NOW.plus(1_000));
        assert!(matches!(absorb(&mut door, &errand, 200, &good, NOW.plus(1_001)), Outcome::Feed(_)), "{place}");
        assert_eq!(door.feed.age(NOW.plus(1_001)), Some(1));
    }
}

#[test]
fn pieces_behind_one_that_was_refused_start_from_the_beginning() {
    let (mut door, errand, good) = lacking();
    let mut bent = good.clone();
    bent[100] ^= 1;
    let outcomes = absorb_in_pieces(&mut door, &errand, &bent, 30_000);
    assert_eq!(outcomes[0], Outcome::Failed(Kind::Snapshot));
    absorb(&mut door, &HEAD, 200, &head(at(3_000), 2_999, &[]), NOW);
    assert_eq!(absorb_in_pieces(&mut door, &errand, &good, 30_000).last(), Some(&Outcome::Feed(Keep::InPlaceOfOthers)));
}

#[test]
fn a_snapshot_for_an_earlier_gap_is_no_failure_when_there_is_another_gap_since() {
    let mut door = door_with_keys();
    absorb(&mut door, &HEAD, 200, &head(at(10), 5, &[]), NOW);
    absorb(&mut door, &HEAD, 200, &head(at(90), 50, &[]), NOW.plus(500));
    let outcome = absorb(&mut door, &Errand::Snapshot(at(10)), 200, &snapshot(at(10), &[]), NOW.plus(600));
    assert_eq!(outcome, Outcome::Feed(Keep::BeforeLast));
    assert_eq!(door.feed.errand(NOW.plus(600)), Errand::Snapshot(at(90)));
    assert_eq!(door.feed.age(NOW.plus(600)), None);
    absorb(&mut door, &Errand::Snapshot(at(90)), 200, &snapshot(at(90), &[]), NOW.plus(700));
    assert_eq!(door.feed.age(NOW.plus(700)), Some(200));
}

#[test]
fn entries_are_forgotten_when_no_token_of_theirs_can_be_alive() {
    let mut door = knowing();
    let lasting = Head {
        entries: vec![sealgate_shared::revocation::Entry {
            expires_at: NOW.plus(9_000_000),
            ..entry(&Revoked::Session(OTHER_SESSION))
        }],
        ..head_of(at_epoch_2(6), 0, &[])
    };
    absorb(&mut door, &HEAD, 200, &seal(&lasting), NOW.plus(100));
    for (milliseconds, len) in [(840_000, 2), (900_000, 1)] {
        absorb(&mut door, &HEAD, 200, &head(at_epoch_2(6), 0, &[]), NOW.plus(milliseconds));
        assert_eq!(door.feed.set.len(), len, "{milliseconds}");
    }
}

#[test]
fn the_origin_is_shown_the_newest_position_that_it_has_spoken_of() {
    let position = |door: &mut Door| {
        let question = door.question(&HEAD, CHALLENGE, Client::default());
        question.headers.into_iter().find(|(name, _)| *name == crate::errand::POSITION_HEADER).map(|(_, value)| value)
    };
    assert_eq!(position(&mut door_with_keys()), None);
    assert_eq!(position(&mut door()).as_deref(), Some("1.0"));
    let mut door = knowing();
    assert_eq!(position(&mut door).as_deref(), Some("2.5"));
    absorb(&mut door, &HEAD, 200, &head(at_epoch_2(9), 7, &[]), NOW.plus(100));
    assert_eq!(position(&mut door).as_deref(), Some("2.9"), "whether or not entries before it are missing");
}
