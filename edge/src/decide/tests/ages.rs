//! How old a set may be that decides.

use sealgate_shared::revocation::{Head, Revoked};

use super::*;
use crate::sample::{door_with, head_of, seal};

const SHARED: Errand = Errand::Head { is_direct: false };
const WITH_CACHE: &str = r#""feed_cache": "1s","#;

/// The settings, the head that is read behind a request, and from which age; and up to which age a set decides.
const PROFILES: [(&str, Errand, u64, u64); 2] = [("", HEAD, 500, 1_000), (WITH_CACHE, SHARED, 1_500, 2_500)];

/// From a cache that others share.
fn read_shared(door: &mut Door, made_at: u64) -> Outcome {
    let head = Head { challenge: String::new(), ..head_of(at(0), 0, &[]) };
    absorb(door, &SHARED, 200, &seal(&head), NOW.plus(made_at))
}

#[test]
fn a_young_set_decides_an_older_one_is_renewed_behind_the_request_and_an_old_one_before() {
    for (settings, errand, soft_ms, hard_ms) in PROFILES {
        let ask = |milliseconds| visit(&mut door_with(settings), "/", milliseconds, None);
        let behind = |milliseconds| forwarded_with(ask(milliseconds)).1;
        assert_eq!((age(ask(soft_ms - 1)), behind(soft_ms - 1)), (Some(soft_ms - 1), None));
        assert_eq!((age(ask(soft_ms)), behind(soft_ms)), (Some(soft_ms), Some(errand.clone())));
        assert_eq!((age(ask(hard_ms)), behind(hard_ms)), (Some(hard_ms), Some(errand.clone())));
        assert_eq!(ask(hard_ms + 1), Verdict::Need(errand));
    }
}

#[test]
fn behind_requests_a_head_is_read_every_half_second_at_most() {
    for (settings, _, soft_ms, hard_ms) in PROFILES {
        let mut door = door_with(settings);
        let read = (0..=hard_ms).step_by(4).filter(|milliseconds| {
            let behind = [0, 1].map(|_| forwarded_with(visit(&mut door, "/", *milliseconds, None)).1.is_some());
            assert!(!behind[1], "the second at the same time");
            behind[0]
        });
        let expected: Vec<_> = (soft_ms..=hard_ms).step_by(500).collect();
        assert_eq!(read.collect::<Vec<_>>(), expected);
    }
}

#[test]
fn the_missing_snapshot_is_asked_for_behind_requests_once_in_a_while() {
    let mut door = door();
    absorb(&mut door, &HEAD, 200, &head(at(9), 8, &[]), NOW);
    let read = (0..=1_000).step_by(4).filter(|milliseconds| {
        let behind = forwarded_with(visit(&mut door, "/", *milliseconds, None)).1;
        assert!(behind.is_none() || behind == Some(Errand::Snapshot(at(9))), "{behind:?}");
        behind.is_some()
    });
    assert_eq!(read.collect::<Vec<_>>(), [0, 500, 1_000]);
    assert_eq!(visit(&mut door, "/", 1_001, None), Verdict::Need(Errand::Snapshot(at(9))));
}

#[test]
fn an_age_is_counted_from_the_moment_of_the_question() {
    let mut door = door();
    read_head(&mut door, 300);
    assert_eq!(age(visit(&mut door, "/", 1_300, None)), Some(1_000));
    assert_eq!(visit(&mut door, "/", 1_301, None), Verdict::Need(HEAD));
}

#[test]
fn a_late_answer_to_an_earlier_question_makes_nothing_younger_and_nothing_older() {
    let mut door = door();
    absorb(&mut door, &HEAD, 200, &head(at(5), 0, &[]), NOW.plus(800));
    // One that knew as much, one that knew less, and one that never came.
    assert!(matches!(absorb(&mut door, &HEAD, 200, &head(at(5), 0, &[]), NOW.plus(300)), Outcome::Feed(_)));
    let failed = Outcome::Failed(Kind::Head);
    assert_eq!(absorb(&mut door, &HEAD, 200, &head(at(4), 0, &[]), NOW.plus(400)), failed);
    assert_eq!(fail(&mut door, &HEAD, 500), failed);
    assert_eq!(age(visit(&mut door, "/", 1_000, None)), Some(200));
    assert_eq!(forwarded_with(visit(&mut door, "/", 1_300, None)).1, Some(HEAD), "the origin did answer the last one");
    assert_eq!(visit(&mut door, "/", 1_801, None), Verdict::Need(HEAD));
}

#[test]
fn after_the_clock_was_set_back_the_age_is_unknown_and_so_is_what_was_forgotten() {
    let mut door = door();
    absorb(&mut door, &HEAD, 200, &head(at(9), 0, &[Revoked::Session(OTHER_SESSION)]), NOW.plus(100));
    assert_eq!(visit(&mut door, "/", 99, None), Verdict::Need(HEAD));
    assert_eq!(door.feed.position(), None);
    // The head alone does not do: what had expired by the other clock may be missing.
    let outcome = absorb(&mut door, &HEAD, 200, &head(at(9), 8, &[]), NOW.plus(99));
    assert_eq!(visit(&mut door, "/", 99, Some(outcome)), Verdict::Need(Errand::Snapshot(at(9))));
    // What was known is known.
    let cookies = cookie(&claims(OTHER_SESSION));
    assert_eq!(door.decide(&Incoming { now: NOW.plus(99), ..get(URL, &cookies) }, None), rejected(Reject::Revoked));
}

#[test]
fn with_a_cache_the_origin_itself_is_asked_first_and_then_once_a_minute() {
    let mut door = door_with(WITH_CACHE);
    let mut direct = vec![];
    for milliseconds in (0..180_000).step_by(100) {
        match forwarded_with(visit(&mut door, "/", milliseconds, None)).1 {
            Some(SHARED) => assert!(matches!(read_shared(&mut door, milliseconds), Outcome::Feed(_))),
            Some(HEAD) => {
                read_head(&mut door, milliseconds);
                direct.push(milliseconds);
            }
            None => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(direct, [60_000, 120_000]);
    assert_eq!(visit(&mut crate::sample::door_with_keys(), "/", 0, None), Verdict::Need(HEAD));
}

#[test]
fn an_answer_from_a_cache_is_as_old_as_the_cache_says() {
    let mut door = door_with(WITH_CACHE);
    assert_eq!(visit(&mut door, "/", 3_000, None), Verdict::Need(SHARED));
    let outcome = read_shared(&mut door, 1_000);
    assert_eq!(age(visit(&mut door, "/", 3_010, Some(outcome))), Some(2_010));
}

#[test]
fn whoever_gets_too_old_an_answer_from_a_cache_asks_the_origin_itself() {
    let mut door = door_with(WITH_CACHE);
    assert_eq!(visit(&mut door, "/", 5_000, None), Verdict::Need(SHARED));
    let outcome = read_shared(&mut door, 2_000);
    assert_eq!(visit(&mut door, "/", 5_010, Some(outcome)), Verdict::Need(HEAD));
    let outcome = read_head(&mut door, 5_010);
    assert_eq!(age(visit(&mut door, "/", 5_020, Some(outcome))), Some(10));
}
