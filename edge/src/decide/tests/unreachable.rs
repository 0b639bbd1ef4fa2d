//! What happens when the feed cannot be read.

use sealgate_shared::report::{Report, Stale};
use sealgate_shared::revocation::Revoked;

use super::*;
use crate::sample::{door_with, door_with_keys};

const CLOSED: &str = "/";
const FALL_BACK: &str = "/fall-back";
const OPEN: &str = "/open";

/// Asks for the head at that moment, in vain.
#[track_caller]
fn fail_to_read(door: &mut Door, milliseconds: u64) -> Outcome {
    assert_eq!(visit(door, CLOSED, milliseconds, None), Verdict::Need(HEAD));
    fail(door, &HEAD, milliseconds)
}

/// A door whose set is of [`NOW`], and who failed to read the head at that moment.
#[track_caller]
fn failing(milliseconds: u64) -> (Door, Outcome) {
    let mut door = door();
    let outcome = fail_to_read(&mut door, milliseconds);
    (door, outcome)
}

#[test]
fn closed_routes_are_refused_and_never_as_signed_out() {
    let (mut door, outcome) = failing(1_001);
    assert_eq!(outcome, Outcome::Failed(Kind::Head));
    assert_eq!(visit(&mut door, CLOSED, 1_002, Some(outcome)), UNAVAILABLE);
    assert_eq!(visit(&mut door, CLOSED, 1_002, None), UNAVAILABLE);
}

#[test]
fn a_set_that_is_not_old_decides_though_the_origin_is_down() {
    let mut door = door();
    assert_eq!(forwarded_with(visit(&mut door, CLOSED, 500, None)).1, Some(HEAD));
    fail(&mut door, &HEAD, 500);
    assert_eq!(age(visit(&mut door, CLOSED, 1_000, None)), Some(1_000));
    assert_eq!(visit(&mut door, CLOSED, 1_001, None), UNAVAILABLE, "half a second after the last try");
    assert_eq!(visit(&mut door, CLOSED, 1_500, None), Verdict::Need(HEAD));
}

#[test]
fn while_the_origin_is_down_it_is_asked_once_a_second() {
    let mut door = door();
    let mut asked = vec![];
    for milliseconds in (0..10_000).step_by(10) {
        for path in [CLOSED, OPEN, FALL_BACK] {
            let errand = match visit(&mut door, path, milliseconds, None) {
                Verdict::Forward(_, errand) => errand,
                Verdict::Need(errand) => Some(errand),
                verdict @ Verdict::Refuse(_) => {
                    assert_eq!(verdict, UNAVAILABLE);
                    None
                }
            };
            if errand == Some(HEAD) {
                asked.push(milliseconds);
                fail(&mut door, &HEAD, milliseconds);
            }
        }
    }
    assert_eq!(asked, [500, 1_500, 2_500, 3_500, 4_500, 5_500, 6_500, 7_500, 8_500, 9_500]);
}

#[test]
fn it_is_asked_again_when_it_answers() {
    let (mut door, _) = failing(2_000);
    assert_eq!(visit(&mut door, CLOSED, 2_999, None), UNAVAILABLE);
    assert_eq!(visit(&mut door, CLOSED, 3_000, None), Verdict::Need(HEAD));
    assert_eq!(visit(&mut door, CLOSED, 3_001, None), UNAVAILABLE, "others do not wait for the try");
    let outcome = read_head(&mut door, 3_000);
    forwarded(visit(&mut door, CLOSED, 3_010, Some(outcome)));
    assert_eq!(forwarded_with(visit(&mut door, CLOSED, 3_500, None)).1, Some(HEAD), "as often as before");
}

#[test]
fn routes_that_fall_back_ask_about_the_session() {
    let question = Verdict::Need(check(&claims(SESSION)));
    for answered in [true, false] {
        let (mut door, outcome) = failing(1_001);
        let outcome = if answered { Some(outcome) } else { None };
        assert_eq!(visit(&mut door, FALL_BACK, 1_002, outcome), question);
    }
    let (mut door, _) = failing(1_001);
    let live = told(&mut door, LIVE, 1_002);
    assert_eq!(age(visit(&mut door, FALL_BACK, 1_005, Some(live))), Some(3));
    assert_eq!(visit(&mut door, FALL_BACK, 1_005, None), question, "no answer is kept unless the settings say so");
    let revoked = told(&mut door, r#"{"status":"revoked"}"#, 1_006);
    assert_eq!(visit(&mut door, FALL_BACK, 1_007, Some(revoked)), rejected(Reject::Revoked));
    let (mut door, _) = failing(1_001);
    let failed = fail(&mut door, &check(&claims(SESSION)), 1_002);
    assert_eq!(visit(&mut door, FALL_BACK, 1_003, Some(failed)), UNAVAILABLE);
}

#[test]
fn an_answer_falls_back_as_long_as_the_settings_say() {
    let mut door = door_with(r#""check_cache_ms": 5000,"#);
    fail_to_read(&mut door, 2_000);
    told(&mut door, LIVE, 2_001);
    assert_eq!(age(visit(&mut door, FALL_BACK, 2_500, None)), Some(499));
    assert_eq!(visit(&mut door, CLOSED, 2_500, None), UNAVAILABLE, "the routes of others are as they were");
}

#[test]
fn open_routes_go_on_for_a_while_from_when_the_set_was_asked_for() {
    for (settings, open_for_ms) in [("", 60_000), (r#""open_for_ms": 7000,"#, 7_000)] {
        let mut door = door_with(settings);
        let outcome = fail_to_read(&mut door, open_for_ms);
        assert_eq!(age(visit(&mut door, OPEN, open_for_ms, Some(outcome))), Some(open_for_ms));
        assert_eq!(age(visit(&mut door, OPEN, open_for_ms, None)), Some(open_for_ms));
        assert_eq!(visit(&mut door, OPEN, open_for_ms + 1, Some(outcome)), UNAVAILABLE);
        assert_eq!(visit(&mut door, OPEN, open_for_ms + 1, None), UNAVAILABLE);
    }
}

#[test]
fn open_routes_are_open_to_requests_that_change_nothing() {
    for method in ["GET", "HEAD", "OPTIONS", "TRACE"] {
        forwarded(send(&mut failing(1_001).0, method, OPEN, 1_002, None));
    }
    for method in ["POST", "PUT", "PATCH", "DELETE", "CONNECT", "get", "PROPFIND", ""] {
        assert_eq!(send(&mut failing(1_001).0, method, OPEN, 1_002, None), UNAVAILABLE, "{method}");
    }
}

#[test]
fn nothing_is_open_before_a_set_was_complete() {
    let mut door = door_with_keys();
    let outcome = fail_to_read(&mut door, 0);
    assert_eq!(visit(&mut door, OPEN, 1, Some(outcome)), UNAVAILABLE);
    absorb(&mut door, &HEAD, 200, &head(at(9), 8, &[]), NOW.plus(10));
    let outcome = absorb(&mut door, &Errand::Snapshot(at(9)), 404, b"", NOW.plus(11));
    assert_eq!(outcome, Outcome::Failed(Kind::Snapshot));
    assert_eq!(visit(&mut door, OPEN, 12, Some(outcome)), UNAVAILABLE);
}

#[test]
fn nothing_is_open_to_a_session_in_doubt() {
    let mut door = door();
    forwarded(send(&mut door, "POST", "/auth/logout", 10, None));
    let outcome = fail_to_read(&mut door, 11);
    assert_eq!(visit(&mut door, OPEN, 12, Some(outcome)), UNAVAILABLE);
    let cookies = cookie(&claims(OTHER_SESSION));
    let incoming = get("https://app.example/open", &cookies);
    assert_eq!(age(door.decide(&Incoming { now: NOW.plus(2_000), ..incoming }, Some(outcome))), Some(2_000));
}

#[test]
fn a_revocation_once_seen_wins_everywhere_and_for_as_long_as_it_matters() {
    let mut door = door();
    absorb(&mut door, &HEAD, 200, &head(at(1), 0, &[Revoked::Session(SESSION)]), NOW.plus(1));
    for milliseconds in [2, 1_002, 60_002, 899_999] {
        let failed = fail(&mut door, &HEAD, milliseconds);
        for path in [CLOSED, OPEN, FALL_BACK, "/ask", "/none"] {
            for outcome in [None, Some(failed), Some(Outcome::Live(SESSION, NOW.plus(milliseconds)))] {
                assert_eq!(visit(&mut door, path, milliseconds, outcome), rejected(Reject::Revoked), "{path}");
            }
        }
    }
}

#[test]
fn a_snapshot_that_cannot_be_had_is_asked_for_after_another_head() {
    let mut door = door_with_keys();
    assert_eq!(visit(&mut door, CLOSED, 0, None), Verdict::Need(HEAD));
    let outcome = absorb(&mut door, &HEAD, 200, &head(at(9), 8, &[]), NOW);
    assert_eq!(visit(&mut door, CLOSED, 1, Some(outcome)), Verdict::Need(Errand::Snapshot(at(9))));
    let outcome = absorb(&mut door, &Errand::Snapshot(at(9)), 404, b"", NOW.plus(1));
    assert_eq!(visit(&mut door, CLOSED, 2, Some(outcome)), UNAVAILABLE);
    assert_eq!(visit(&mut door, CLOSED, 1_000, None), UNAVAILABLE);
    assert_eq!(visit(&mut door, CLOSED, 1_001, None), Verdict::Need(HEAD));
}

#[test]
fn each_request_that_meets_it_is_counted_once_by_what_its_route_wants() {
    let count = |counts: &Report| Stale::ALL.iter().map(|stale| counts.get(Counter::Stale(*stale))).collect::<Vec<_>>();
    let (mut door, _) = failing(1_001);
    assert_eq!(count(&door.counts), [0, 0, 0]);
    visit(&mut door, CLOSED, 1_002, None);
    visit(&mut door, OPEN, 1_002, None);
    visit(&mut door, OPEN, 1_002, None);
    assert_eq!(count(&door.counts), [1, 0, 2]);
    visit(&mut door, FALL_BACK, 1_002, None);
    let live = told(&mut door, LIVE, 1_002);
    visit(&mut door, FALL_BACK, 1_003, Some(live));
    assert_eq!(count(&door.counts), [1, 1, 2]);
}
