//! What is asked again because something may have ended a session.

use super::*;
use crate::sample::{door_with, refresh_cookie};

fn visit_other(door: &mut Door, milliseconds: u64) -> Verdict {
    let cookies = cookie(&claims(OTHER_SESSION));
    door.decide(&Incoming { now: NOW.plus(milliseconds), ..get(URL, &cookies) }, None)
}

#[test]
fn after_signing_out_the_session_needs_a_head_that_was_asked_for_later() {
    let mut door = door();
    assert_eq!(forwarded(send(&mut door, "POST", "/auth/logout", 10, None)).to, Forwarded::Origin);
    assert_eq!(visit(&mut door, "/", 11, None), Verdict::Need(HEAD));
    let outcome = read_head(&mut door, 9);
    assert_eq!(visit(&mut door, "/", 12, Some(outcome)), Verdict::Need(HEAD), "that was asked for before");
    let outcome = read_head(&mut door, 12);
    assert_eq!(age(visit(&mut door, "/", 13, Some(outcome))), Some(1));
    assert_eq!(forwarded_with(visit(&mut door, "/", 14, None)).1, None, "and the doubt is over");
}

#[test]
fn other_sessions_are_not_doubted_and_reading_is_no_reason_to() {
    let mut door = door();
    forwarded(send(&mut door, "GET", "/auth/session", 10, None));
    forwarded(visit(&mut door, "/", 11, None));
    forwarded(send(&mut door, "POST", "/auth/logout", 12, None));
    forwarded(visit_other(&mut door, 13));
}

#[test]
fn an_answer_about_the_session_is_forgotten_too() {
    let mut door = door_with(r#""check_cache_ms": 5000,"#);
    told(&mut door, LIVE, 0);
    forwarded(visit(&mut door, "/ask", 1, None));
    forwarded(send(&mut door, "POST", "/auth/logout", 2, None));
    assert_eq!(visit(&mut door, "/ask", 3, None), Verdict::Need(check(&claims(SESSION))));
}

#[test]
fn an_expired_token_names_its_session_as_well() {
    let mut door = door();
    let mut old = claims(SESSION);
    (old.issued_at, old.authenticated_at) = (NOW.minus(900_000), NOW.minus(900_000));
    old.expires_at = NOW;
    let cookies = cookie(&old);
    let incoming = get("https://app.example/auth/logout", &cookies);
    forwarded(door.decide(&Incoming { method: "POST", now: NOW.plus(10), ..incoming }, None));
    assert_eq!(visit(&mut door, "/", 11, None), Verdict::Need(HEAD));
}

#[test]
fn a_refresh_token_names_its_session_as_well_wherever_it_is_sent() {
    for (method, path) in [
        ("POST", "/auth/logout"),
        ("DELETE", "/auth/sessions"),
        ("DELETE", "/auth/sessions/ses-x"),
        ("PATCH", "/auth/sessions/ses-x"),
        ("POST", "/auth/account"),
        ("POST", "/auth/refresh"),
    ] {
        let (mut door, cookies) = (door(), refresh_cookie(SESSION));
        let url = format!("https://app.example{path}");
        // Sent on as if the origin had just refused to refresh it.
        let outcome = Some(Outcome::Refused(Reject::Expired)).filter(|_| path != "/auth/refresh");
        forwarded(door.decide(&Incoming { method, now: NOW.plus(10), ..get(&url, &cookies) }, outcome));
        assert_eq!(visit(&mut door, "/", 11, None), Verdict::Need(HEAD), "{method} {path}");
        forwarded(visit_other(&mut door, 12));
    }
}

#[test]
fn tokens_of_two_sessions_name_both() {
    let mut door = door();
    let cookies = format!("{}; {}", cookie(&claims(OTHER_SESSION)), refresh_cookie(SESSION));
    let incoming = get("https://app.example/auth/logout", &cookies);
    forwarded(door.decide(&Incoming { method: "POST", now: NOW.plus(10), ..incoming }, None));
    assert_eq!(visit(&mut door, "/", 11, None), Verdict::Need(HEAD));
    assert_eq!(visit_other(&mut door, 11), Verdict::Need(HEAD));
}

#[test]
fn a_token_without_a_proof_names_no_session() {
    let mut door = door();
    let forged = format!("{}.{}", token(&claims(SESSION)).rsplit_once('.').unwrap().0, "A".repeat(43));
    let dead = [RETIRED, REVOKED].map(|number| token_under(number, &claims(SESSION)));
    for value in dead.into_iter().chain([forged]) {
        let cookies = format!("__Host-sg={value}");
        let incoming = get("https://app.example/auth/logout", &cookies);
        // It goes on to the origin, which holds more than we do.
        let forward = forwarded(door.decide(&Incoming { method: "POST", now: NOW.plus(10), ..incoming }, None));
        assert_eq!((forward.to, header(&forward, "cookie")), (Forwarded::Origin, Some(cookies.as_str())));
    }
    forwarded(visit(&mut door, "/", 11, None));
}

#[test]
fn what_a_cache_has_ends_no_doubt() {
    let mut door = door_with(r#""feed_cache": "1s","#);
    forwarded(send(&mut door, "POST", "/auth/logout", 10, None));
    assert_eq!(visit(&mut door, "/", 11, None), Verdict::Need(HEAD), "of the origin itself");
    let outcome = read_head(&mut door, 11);
    forwarded(visit(&mut door, "/", 12, Some(outcome)));
}

#[test]
fn a_doubt_does_not_outlive_a_clock_that_was_set_back() {
    let mut door = door();
    forwarded(send(&mut door, "POST", "/auth/logout", 400, None));
    assert_eq!(visit(&mut door, "/", 200, None), Verdict::Need(HEAD));
    let outcome = read_head(&mut door, 200);
    forwarded(visit(&mut door, "/", 210, Some(outcome)));
    forwarded(visit(&mut door, "/", 300, None));
}
