//! How a route wants to know of revocations.

use sealgate_shared::revocation::Revoked;

use super::*;
use crate::errand::Keep;
use crate::sample::{door_with, door_with_keys, keyring, snapshot};

const ASK: &str = "/ask/a";
const NONE: &str = "/none/a";

#[test]
fn an_empty_door_asks_for_the_keyring_and_the_head_and_then_knows() {
    let mut door = empty_door();
    assert_eq!(visit(&mut door, "/", 0, None), Verdict::Need(Errand::Keyring));
    let outcome = absorb(&mut door, &Errand::Keyring, 200, &keyring(1), NOW);
    assert_eq!(visit(&mut door, "/", 0, Some(outcome)), Verdict::Need(HEAD));
    let outcome = read_head(&mut door, 0);
    assert_eq!(forwarded_with(visit(&mut door, "/", 0, Some(outcome))).1, None);
    assert_eq!(age(visit(&mut door, "/", 7, None)), Some(7));
}

#[test]
fn entries_that_the_head_lacks_are_in_the_snapshot() {
    let mut door = door_with_keys();
    let both = [SESSION, OTHER_SESSION].map(Revoked::Session);
    assert_eq!(visit(&mut door, "/", 0, None), Verdict::Need(HEAD));
    let outcome = absorb(&mut door, &HEAD, 200, &head(at(9), 8, &both[1..]), NOW);
    assert_eq!(outcome, Outcome::Feed(Keep::Too));
    let errand = Errand::Snapshot(at(9));
    assert_eq!(visit(&mut door, "/", 0, Some(outcome)), Verdict::Need(errand.clone()));
    assert_eq!(visit(&mut door, "/", 0, None), Verdict::Need(errand.clone()), "whoever comes waits for the same");
    let outcome = absorb(&mut door, &errand, 200, &snapshot(at(9), &both[..1]), NOW);
    assert_eq!(outcome, Outcome::Feed(Keep::InPlaceOfOthers));
    assert_eq!(visit(&mut door, "/", 0, Some(outcome)), rejected(Reject::Revoked));
    assert_eq!(door.feed.position(), Some(at(9)));
}

#[test]
fn a_snapshot_makes_nothing_younger_than_the_head_it_was_for() {
    let mut door = door_with_keys();
    absorb(&mut door, &HEAD, 200, &head(at(9), 8, &[]), NOW);
    let errand = Errand::Snapshot(at(9));
    let outcome = absorb(&mut door, &errand, 200, &snapshot(at(9), &[]), NOW.plus(900));
    assert_eq!(age(visit(&mut door, "/", 1_000, Some(outcome))), Some(1_000));
    // It took longer than a set is good: another head is read, and now there is no gap.
    assert_eq!(visit(&mut door, "/", 1_001, Some(outcome)), Verdict::Need(HEAD));
    let outcome = absorb(&mut door, &HEAD, 200, &head(at(9), 8, &[]), NOW.plus(1_001));
    assert_eq!(age(visit(&mut door, "/", 1_010, Some(outcome))), Some(9));
}

#[test]
fn a_revocation_is_refused_from_the_moment_it_is_known() {
    let mut door = door();
    forwarded(visit(&mut door, "/", 500, None));
    absorb(&mut door, &HEAD, 200, &head(at(1), 0, &[Revoked::Session(SESSION)]), NOW.plus(500));
    for path in ["/", ASK, NONE, "/open", "/fall-back"] {
        assert_eq!(visit(&mut door, path, 501, None), rejected(Reject::Revoked), "{path}");
    }
    let cookies = cookie(&claims(OTHER_SESSION));
    forwarded(door.decide(&Incoming { now: NOW.plus(501), ..get(URL, &cookies) }, None));
}

#[test]
fn a_revoked_session_is_refused_until_its_token_expires() {
    let mut door = door();
    let outcome = told(&mut door, r#"{"status":"revoked"}"#, 0);
    assert_eq!(visit(&mut door, "/", 0, Some(outcome)), rejected(Reject::Revoked));
    assert_eq!(visit(&mut door, "/", 899_999, None), rejected(Reject::Revoked));
    assert_eq!(visit(&mut door, "/", 900_000, None), rejected(Reject::Expired));
}

#[test]
fn nothing_is_asked_of_the_origin_while_the_set_is_young() {
    let mut door = door();
    for milliseconds in (0..500).step_by(50).chain([499]) {
        for path in ["/", NONE, "/open", "/fall-back", "/public"] {
            assert_eq!(forwarded_with(visit(&mut door, path, milliseconds, None)).1, None, "{path} {milliseconds}");
        }
    }
}

#[test]
fn a_route_that_asks_asks_about_every_request() {
    let mut door = door();
    assert_eq!(visit(&mut door, ASK, 0, None), Verdict::Need(check(&claims(SESSION))));
    let outcome = told(&mut door, LIVE, 0);
    assert_eq!(age(visit(&mut door, ASK, 7, Some(outcome))), Some(7), "counted from the question");
    assert_eq!(visit(&mut door, ASK, 7, None), Verdict::Need(check(&claims(SESSION))));
    let about_another = Outcome::Live(OTHER_SESSION, NOW);
    assert_eq!(visit(&mut door, ASK, 7, Some(about_another)), Verdict::Need(check(&claims(SESSION))));
}

#[test]
fn a_route_that_asks_reads_no_feed() {
    let mut door = door_with_keys();
    assert_eq!(visit(&mut door, ASK, 0, None), Verdict::Need(check(&claims(SESSION))));
    let outcome = told(&mut door, LIVE, 0);
    assert_eq!(forwarded_with(visit(&mut door, ASK, 0, Some(outcome))).1, None);
}

#[test]
fn answers_are_used_again_where_the_settings_say_so() {
    let mut door = door_with(r#""check_cache_ms": 5000,"#);
    let outcome = told(&mut door, r#"{"status":"live","age_ms":900}"#, 0);
    assert_eq!(age(visit(&mut door, ASK, 0, Some(outcome))), Some(900), "as old as the reading it was given from");
    assert_eq!(age(visit(&mut door, ASK, 4_099, None)), Some(4_999));
    assert_eq!(visit(&mut door, ASK, 4_100, None), Verdict::Need(check(&claims(SESSION))));
}

#[test]
fn what_the_origin_cannot_answer_is_503_and_never_401() {
    let failed = Outcome::Failed(Kind::Check);
    assert_eq!(visit(&mut door(), ASK, 0, Some(failed)), UNAVAILABLE);
    for (status, body) in
        [(500, "{}"), (200, ""), (200, "{"), (200, r#"{"status":"maybe"}"#), (401, r#"{"status":"revoked"}"#), (0, "")]
    {
        assert_eq!(absorb(&mut door(), &check(&claims(SESSION)), status, body.as_bytes(), NOW), failed, "{body}");
    }
}

#[test]
fn a_held_answer_outlives_a_failure() {
    let mut door = door_with(r#""check_cache_ms": 5000,"#);
    told(&mut door, LIVE, 0);
    forwarded(visit(&mut door, ASK, 0, Some(Outcome::Failed(Kind::Check))));
    forwarded(visit(&mut door, "/", 0, Some(Outcome::Failed(Kind::Head))));
}

#[test]
fn a_route_that_does_not_want_to_know_is_told_no_age_and_needs_nobody() {
    let mut door = door_with_keys();
    for milliseconds in [0, 501, 59_999] {
        let (forward, behind) = forwarded_with(visit(&mut door, NONE, milliseconds, None));
        assert_eq!((header(&forward, "x-sealgate-revocation-age-ms"), behind), (None, None));
        assert_eq!(header(&forward, "x-sealgate-session"), Some(SESSION.to_string().as_str()));
    }
    // What happens to be known counts.
    told(&mut door, r#"{"status":"revoked"}"#, 0);
    assert_eq!(visit(&mut door, NONE, 1, None), rejected(Reject::Revoked));
}

#[test]
fn an_outcome_counts_also_when_memory_was_lost_after_it() {
    for path in ["/", ASK, NONE, "/open"] {
        let verdict = visit(&mut door(), path, 0, Some(Outcome::Revoked(SESSION)));
        assert_eq!(verdict, rejected(Reject::Revoked), "{path}");
    }
}

#[test]
fn marks_hit_whomever_they_name() {
    let mut other = claims(SESSION);
    other.tenant = "other".parse().unwrap();
    let (demo, other) = (cookie(&claims(SESSION)), cookie(&other));
    let hit = |revoked: Revoked, url: &str, cookies: &str| {
        let mut door = door();
        absorb(&mut door, &HEAD, 200, &head(at(1), 0, &[revoked]), NOW);
        door.decide(&get(url, cookies), None) == rejected(Reject::Revoked)
    };
    let tenant = |issued_before| Revoked::Tenant { tenant: "demo".parse().unwrap(), issued_before };
    assert!(hit(tenant(NOW.plus(1)), URL, &demo));
    assert!(!hit(tenant(NOW), URL, &demo));
    assert!(!hit(tenant(NOW.plus(1)), "https://other.example/", &other));
    assert!(hit(Revoked::Key(crate::sample::key(1, "demo").id()), URL, &demo));
    assert!(!hit(Revoked::Key(crate::sample::key(1, "demo").id()), "https://other.example/", &other));
}
