//! The keyring: when it is fetched, and what becomes of keys that it does not hold or that are dead.

use sealgate_shared::keyring::PublishedKey;
use sealgate_shared::revocation::Head;

use super::*;
use crate::errand::Keep;
use crate::sample::{door_with, head_of, key, keyring, seal, seal_ring};

/// A cookie of the sample session under a key that nobody has heard of.
fn unknown() -> String {
    format!("__Host-sg={}", token(&claims(SESSION)).replace("AQEBAQEBAQE", "AAAAAAAAAAA"))
}

fn visit_with(door: &mut Door, cookies: &str, milliseconds: u64, outcome: Option<Outcome>) -> Verdict {
    door.decide(&Incoming { now: NOW.plus(milliseconds), ..get(URL, cookies) }, outcome)
}

/// The head says, in answer to a question of that moment, that nothing was revoked, and which keyring is the newest.
fn read_head_of(door: &mut Door, keyring: u64, asked_at: u64) -> Outcome {
    let head = Head { keyring, ..head_of(at(0), 0, &[]) };
    absorb(door, &HEAD, 200, &seal(&head), NOW.plus(asked_at))
}

fn fetch(door: &mut Door, version: u64, asked_at: u64) -> Outcome {
    absorb(door, &Errand::Keyring, 200, &keyring(version), NOW.plus(asked_at))
}

#[test]
fn an_edge_without_keys_asks_for_them_once_a_second_while_it_gets_none() {
    let mut door = empty_door();
    assert_eq!(visit(&mut door, "/", 1, None), Verdict::Need(Errand::Keyring));
    let outcome = fail(&mut door, &Errand::Keyring, 1);
    assert_eq!(outcome, Outcome::Failed(Kind::Keyring));
    assert_eq!(visit(&mut door, "/", 1, Some(outcome)), UNAVAILABLE);
    assert_eq!(visit(&mut door, "/", 1_000, None), UNAVAILABLE);
    assert_eq!(visit(&mut door, "/", 1_001, None), Verdict::Need(Errand::Keyring));
    assert_eq!(visit(&mut door, "/", 0, None), Verdict::Need(Errand::Keyring), "the clock was set back");
}

#[test]
fn a_keyring_is_not_used_once_the_origin_has_spoken_of_a_newer_one() {
    let mut door = door();
    read_head_of(&mut door, 2, 100);
    assert_eq!(visit(&mut door, "/", 101, None), Verdict::Need(Errand::Keyring));
    assert_eq!(fetch(&mut door, 2, 101), Outcome::Keyring);
    forwarded(visit(&mut door, "/", 102, Some(Outcome::Keyring)));
    // What is said of an older one later changes nothing.
    read_head_of(&mut door, 1, 103);
    forwarded(visit(&mut door, "/", 104, None));
    let told = told(&mut door, r#"{"status":"live","keyring":3}"#, 105);
    assert_eq!(visit(&mut door, "/", 106, Some(told)), Verdict::Need(Errand::Keyring));
}

#[test]
fn without_the_newer_keyring_nobody_is_let_in_and_nobody_signed_out() {
    let mut door = door();
    read_head_of(&mut door, 2, 100);
    let failed = fail(&mut door, &Errand::Keyring, 101);
    for cookies in [cookie(&claims(SESSION)), unknown()] {
        assert_eq!(visit_with(&mut door, &cookies, 102, Some(failed)), UNAVAILABLE);
        assert_eq!(visit_with(&mut door, &cookies, 1_100, None), UNAVAILABLE);
        assert_eq!(visit_with(&mut door, &cookies, 1_101, None), Verdict::Need(Errand::Keyring));
    }
    // A cache on the way has the one before still; that none is newer is not true either.
    for (status, body) in [(200, keyring(1)), (304, vec![])] {
        let outcome = absorb(&mut door, &Errand::Keyring, status, &body, NOW.plus(1_101));
        assert_eq!(visit(&mut door, "/", 1_102, Some(outcome)), UNAVAILABLE);
        assert_eq!(visit(&mut door, "/", 2_100, None), UNAVAILABLE);
        assert_eq!(visit(&mut door, "/", 2_101, None), Verdict::Need(Errand::Keyring));
    }
}

#[test]
fn the_head_says_that_a_keyring_is_still_the_newest() {
    let day = 86_400_000;
    for (version, is_held) in [(1, true), (0, false)] {
        let mut door = door();
        read_head_of(&mut door, version, day - 1);
        assert_eq!(door.ring.get(NOW.plus(day)).is_some(), is_held);
        assert_eq!(door.ring.wants_renewal(NOW.plus(day)), !is_held);
        assert!(door.ring.get(NOW.plus(2 * day)).is_none());
    }
}

#[test]
fn where_the_feed_is_not_read_keyrings_are_renewed_behind_requests_and_used_for_a_day() {
    let mut door = door();
    let mut long = claims(SESSION);
    let mut visit = |milliseconds: u64| {
        long.issued_at = NOW.plus(milliseconds);
        long.expires_at = long.issued_at.plus(900_000);
        let cookies = cookie(&long);
        door.decide(&Incoming { now: long.issued_at, ..get("https://app.example/none", &cookies) }, None)
    };
    assert_eq!(forwarded_with(visit(59_999)).1, None);
    assert_eq!(forwarded_with(visit(60_000)).1, Some(Errand::Keyring));
    assert_eq!(forwarded_with(visit(86_399_999)).1, Some(Errand::Keyring));
    assert_eq!(visit(86_400_000), Verdict::Need(Errand::Keyring));
}

#[test]
fn an_unknown_key_is_an_invention_while_the_head_is_fresh() {
    let mut door = door();
    for milliseconds in (0..500).step_by(50).chain([499]) {
        assert_eq!(visit_with(&mut door, &unknown(), milliseconds, None), rejected(Reject::UnknownKid));
    }
    assert_eq!(visit_with(&mut door, &unknown(), 500, None), Verdict::Need(HEAD));
    let outcome = read_head(&mut door, 500);
    assert_eq!(visit_with(&mut door, &unknown(), 510, Some(outcome)), rejected(Reject::UnknownKid));
    assert_eq!(visit_with(&mut door, &unknown(), 999, None), rejected(Reject::UnknownKid));
}

#[test]
fn a_flood_of_unknown_keys_costs_two_heads_a_second() {
    let mut door = door();
    let mut asked = vec![];
    for milliseconds in (0..5_000).step_by(10) {
        if let Verdict::Need(errand) = visit_with(&mut door, &unknown(), milliseconds, None) {
            assert_eq!(errand, HEAD);
            asked.push(milliseconds);
            read_head(&mut door, milliseconds);
        }
    }
    assert_eq!(asked, [500, 1_000, 1_500, 2_000, 2_500, 3_000, 3_500, 4_000, 4_500]);
}

#[test]
fn whether_a_key_is_unknown_cannot_be_told_while_the_origin_is_down() {
    let mut door = door();
    let outcome = fail(&mut door, &HEAD, 600);
    assert_eq!(visit_with(&mut door, &unknown(), 601, Some(outcome)), UNAVAILABLE);
    let mut door = crate::sample::door();
    assert_eq!(visit_with(&mut door, &unknown(), 600, None), Verdict::Need(HEAD));
    fail(&mut door, &HEAD, 600);
    assert_eq!(visit_with(&mut door, &unknown(), 1_599, None), UNAVAILABLE);
    assert_eq!(visit_with(&mut door, &unknown(), 1_600, None), Verdict::Need(HEAD));
}

#[test]
fn a_key_may_be_one_of_the_keyring_that_the_head_speaks_of() {
    let mut door = door();
    let token = key(9, "demo").access_sealer().seal(&claims(SESSION)).unwrap();
    let cookies = format!("__Host-sg={token}");
    assert_eq!(visit_with(&mut door, &cookies, 500, None), Verdict::Need(HEAD));
    let outcome = read_head_of(&mut door, 2, 500);
    assert_eq!(visit_with(&mut door, &cookies, 510, Some(outcome)), Verdict::Need(Errand::Keyring));
    let ring = seal_ring(2, vec![key(9, "demo").publish()]);
    let outcome = absorb(&mut door, &Errand::Keyring, 200, &ring, NOW.plus(510));
    forwarded(visit_with(&mut door, &cookies, 520, Some(outcome)));
}

#[test]
fn what_a_cache_has_is_good_enough_to_call_a_key_unknown() {
    let mut door = door_with(r#""feed_cache": "1s","#);
    let errand = Errand::Head { is_direct: false };
    assert_eq!(visit_with(&mut door, &unknown(), 3_000, None), Verdict::Need(errand.clone()));
    let head = Head { challenge: String::new(), ..head_of(at(0), 0, &[]) };
    // As its `Age` says, it is older than what is renewed behind a request.
    let outcome = absorb(&mut door, &errand, 200, &seal(&head), NOW.plus(1_000));
    assert_eq!(visit_with(&mut door, &unknown(), 3_010, Some(outcome)), rejected(Reject::UnknownKid));
}

#[test]
fn after_the_clock_was_set_back_an_unknown_key_is_looked_up_again() {
    let mut door = door();
    read_head(&mut door, 86_000);
    assert_eq!(visit_with(&mut door, &unknown(), 0, None), Verdict::Need(HEAD));
    let outcome = read_head(&mut door, 0);
    assert_eq!(visit_with(&mut door, &unknown(), 0, Some(outcome)), rejected(Reject::UnknownKid));
}

#[test]
fn keys_that_are_known_to_be_dead_are_asked_about_never() {
    for (number, reject) in [(RETIRED, Reject::Expired), (REVOKED, Reject::Revoked)] {
        let good = token_under(number, &claims(SESSION));
        let forged = format!("{}.{}", good.rsplit_once('.').unwrap().0, "A".repeat(43));
        for value in [good, forged] {
            let (mut door, cookies) = (door(), format!("__Host-sg={value}"));
            for milliseconds in [0, 10_000, 60_000, 86_399_000] {
                for outcome in [None, Some(Outcome::Failed(Kind::Head))] {
                    assert_eq!(visit_with(&mut door, &cookies, milliseconds, outcome), rejected(reject));
                }
            }
        }
    }
}

#[test]
fn beside_cookies_of_dead_keys_a_good_one_is_found() {
    let dead = [RETIRED, REVOKED].map(|number| format!("__Host-sg={}; ", token_under(number, &claims(OTHER_SESSION))));
    let cookies = format!("{}{}", dead.concat().repeat(5), cookie(&claims(SESSION)));
    let forward = forwarded(door().decide(&get(URL, &cookies), None));
    assert_eq!(header(&forward, "x-sealgate-session"), Some(SESSION.to_string().as_str()));
}

#[test]
fn a_key_may_die_and_does_not_come_back() {
    let mut door = door();
    let key = key(1, "demo");
    let mut take = |version, key: PublishedKey| {
        let outcome = absorb(&mut door, &Errand::Keyring, 200, &seal_ring(version, vec![key]), NOW);
        (outcome, visit(&mut door, "/", 0, None))
    };
    assert_eq!(take(2, key.publish_retired()), (Outcome::Keyring, rejected(Reject::Expired)));
    let revoked = PublishedKey::revoked(key.id(), key.tenant().clone());
    assert_eq!(take(3, revoked), (Outcome::Keyring, rejected(Reject::Revoked)));
    assert_eq!(take(2, key.publish()), (Outcome::Failed(Kind::Keyring), rejected(Reject::Revoked)));
}

#[test]
fn a_head_is_kept_though_its_keyring_is_not_to_be_had() {
    let mut door = door();
    assert_eq!(read_head_of(&mut door, 2, 100), Outcome::Feed(Keep::Not), "nothing new but the keyring");
    fail(&mut door, &Errand::Keyring, 101);
    assert_eq!(door.feed.age(NOW.plus(150)), Some(50));
}
