use sealgate_shared::reject::Reject;
use sealgate_shared::report::{Forwarded, Refused};

use super::*;
use crate::errand::REPORT_HEADER;
use crate::request::Incoming;
use crate::sample::{CHALLENGE, HEAD, NOW, SESSION, absorb, at, claims, cookie, door, empty_door, head, keyring};
use crate::verdict::Verdict;

const FORWARDED: Counter = Counter::Forward(Forwarded::Session);

fn visit(door: &mut Door, url: &str, milliseconds: u64) -> Verdict {
    let cookie = cookie(&claims(SESSION));
    door.decide(&Incoming { url, method: "GET", cookie: &cookie, headers: "", now: NOW.plus(milliseconds) }, None)
}

fn page(door: &mut Door, milliseconds: u64) {
    assert!(matches!(visit(door, "https://app.example/", milliseconds), Verdict::Forward(..)));
}

/// What the origin is told in the question for a head.
fn told(door: &mut Door) -> Report {
    let question = door.question(&HEAD, CHALLENGE, Client::default());
    let report = question.headers.into_iter().find(|(name, _)| *name == REPORT_HEADER);
    report.map_or_else(Report::default, |(_, text)| text.parse().unwrap())
}

fn answer(door: &mut Door, status: u16) {
    absorb(door, &HEAD, status, &head(at(0), 0, &[]), NOW);
}

#[test]
fn what_becomes_of_requests_is_counted_once_each() {
    let mut door = door();
    page(&mut door, 0);
    page(&mut door, 300);
    visit(&mut door, "https://app.example/public/a", 0);
    visit(&mut door, "https://app.example/auth/session", 0);
    visit(&mut door, "https://evil.example/", 0);
    visit(&mut door, "https://app.example/", 900_000);
    // This one is not decided yet.
    assert!(matches!(visit(&mut door, "https://app.example/", 5_000), Verdict::Need(_)));
    for (counter, count) in [
        (FORWARDED, 2),
        (Counter::Forward(Forwarded::Public), 1),
        (Counter::Forward(Forwarded::Origin), 1),
        (Counter::Refuse(Refused::UnknownHost), 1),
        (Counter::Refuse(Refused::Token(Reject::Expired)), 1),
    ] {
        assert_eq!(door.counts.get(counter), count, "{counter}");
    }
    let ages: Vec<_> = door.counts.iter().filter(|(counter, _)| matches!(counter, Counter::Age(_))).collect();
    assert_eq!(
        ages.into_iter().map(|(age, count)| format!("{age} {count}")).collect::<Vec<_>>(),
        ["age.100 1", "age.500 1"]
    );
}

#[test]
fn what_came_of_errands_is_counted() {
    let mut door = empty_door();
    let check = Errand::Check { tenant: "demo".parse().unwrap(), session: SESSION, expires_at: NOW };
    absorb(&mut door, &Errand::Keyring, 503, b"", NOW);
    absorb(&mut door, &Errand::Keyring, 200, &keyring(1), NOW);
    absorb(&mut door, &Errand::Keyring, 304, b"", NOW);
    absorb(&mut door, &check, 200, b"", NOW);
    absorb(&mut door, &check, 200, br#"{"status":"revoked"}"#, NOW);
    absorb(&mut door, &HEAD, 0, b"", NOW);
    absorb(&mut door, &HEAD, 200, &head(at(7), 3, &[]), NOW);
    absorb(&mut door, &Errand::Snapshot(at(7)), 404, b"", NOW);
    let counts = "feed.failed=1,feed.gap=1,snapshot.failed=1,keyring.ok=2,keyring.failed=1,check.ok=1,check.failed=1";
    assert_eq!(door.counts.to_string(), counts);
}

#[test]
fn the_origin_is_told_once_what_was_counted() {
    let mut door = door();
    page(&mut door, 0);
    let first = told(&mut door);
    assert_eq!(first.get(FORWARDED), 1);
    assert!(door.counts.is_empty());
    page(&mut door, 1);
    page(&mut door, 2);
    answer(&mut door, 200);
    let second = told(&mut door);
    assert_eq!((second.get(FORWARDED), second.get(Counter::Feed(FeedCount::Ok))), (2, 1));
}

#[test]
fn what_was_told_in_vain_is_told_again() {
    let mut door = door();
    page(&mut door, 0);
    told(&mut door);
    page(&mut door, 1);
    answer(&mut door, 503);
    assert_eq!(told(&mut door).get(FORWARDED), 2);
    // Not even that there was no answer is known yet.
    assert_eq!(told(&mut door).get(FORWARDED), 2);
    answer(&mut door, 200);
    assert_eq!(told(&mut door).get(FORWARDED), 0);
}

#[test]
fn an_older_head_shows_that_the_origin_was_told() {
    let mut door = door();
    absorb(&mut door, &HEAD, 200, &head(at(5), 0, &[]), NOW);
    page(&mut door, 0);
    told(&mut door);
    answer(&mut door, 200);
    assert_eq!(door.counts.get(Counter::Feed(FeedCount::Older)), 1);
    assert_eq!(told(&mut door).get(FORWARDED), 0);
}

#[test]
fn only_the_origin_itself_is_told() {
    let mut door = door();
    page(&mut door, 0);
    for errand in [Errand::Keyring, Errand::Head { is_direct: false }, Errand::Snapshot(at(3))] {
        let question = door.question(&errand, CHALLENGE, Client::default());
        assert!(question.headers.iter().all(|(name, _)| *name != REPORT_HEADER), "{errand}");
    }
    assert_eq!(told(&mut door).get(FORWARDED), 1);
}

#[test]
fn where_nothing_happened_there_is_nothing_to_tell() {
    let question = empty_door().question(&HEAD, CHALLENGE, Client::default());
    assert!(question.headers.iter().all(|(name, _)| *name != REPORT_HEADER));
}
