use sealgate_shared::cookie::{CookieNames, clear};
use sealgate_shared::revocation::Revoked;

use super::*;
use crate::request::Incoming;
use crate::sample::{
    HEAD, NOW, OTHER_SESSION, SESSION, absorb, at, claims, cookie, door, empty_door, head, refreshed, settings_with,
};

const URL: &str = "https://app.example/page";

/// The lines of a refresh of the sample session.
fn lines(generation: u32) -> String {
    refreshed(SESSION, generation, NOW).0.join("\n")
}

fn hands_out(door: &mut Door, lines: &str, answered: &str) -> bool {
    hands_out_to(door, ("GET", URL), 0, lines, answered, 100)
}

fn hands_out_to(
    door: &mut Door,
    (method, url): (&str, &str),
    asked: u64,
    lines: &str,
    answered: &str,
    answers: u64,
) -> bool {
    let incoming = Incoming { url, method, cookie: "", headers: "", now: NOW.plus(asked) };
    door.hands_out(&Returning { incoming: &incoming, lines, answered }, NOW.plus(answers))
}

const LOGOUT: (&str, &str) = ("POST", "https://app.example/auth/logout");

/// Somebody signs out through this isolate.
fn sign_out(door: &mut Door, milliseconds: u64) {
    ask(door, LOGOUT, milliseconds);
}

fn ask(door: &mut Door, (method, url): (&str, &str), milliseconds: u64) {
    let cookie = cookie(&claims(SESSION));
    door.doubt(&Incoming { url, method, cookie: &cookie, headers: "", now: NOW.plus(milliseconds) });
}

#[test]
fn new_cookies_go_on_whatever_answer_the_request_gets() {
    let csrf = "__Host-sg_csrf=x; Path=/; Secure; SameSite=Lax";
    for answered in ["", "theme=dark; Path=/", "__Host-sg_detour=; Path=/; Max-Age=0", "a=1\nb=2", csrf] {
        assert!(hands_out(&mut door(), &lines(1), answered), "{answered}");
    }
}

#[test]
fn they_do_not_if_the_answer_sets_or_clears_ours_by_itself() {
    let cleared = |name| clear(CookieNames::Host, name);
    for answered in [
        format!("theme=dark\n{}", lines(0)),
        cleared(CookieName::Access),
        cleared(CookieName::Refresh),
        " __Host-sg = x".to_owned(),
    ] {
        assert!(!hands_out(&mut door(), &lines(1), &answered), "{answered}");
    }
}

#[test]
fn cookies_that_come_too_late_bring_no_session_back() {
    let told = |revoked: &[Revoked]| {
        let mut door = door();
        absorb(&mut door, &HEAD, 200, &head(at(1), 0, revoked), NOW.plus(50));
        hands_out(&mut door, &lines(1), "")
    };
    let mark = |issued_before| Revoked::Tenant { tenant: "demo".parse().unwrap(), issued_before };
    assert!(told(&[Revoked::Session(OTHER_SESSION), mark(NOW)]));
    assert!(!told(&[Revoked::Session(SESSION)]));
    assert!(!told(&[mark(NOW.plus(1))]));
    let mut door = door();
    door.answers.remember_revoked(SESSION, NOW.plus(900_000));
    assert!(!hands_out(&mut door, &lines(1), ""));
}

#[test]
fn nor_while_somebody_may_be_signing_out() {
    let mut door = door();
    sign_out(&mut door, 10);
    assert!(!hands_out(&mut door, &lines(1), ""));
    // A head that was asked for later says that nothing was revoked.
    absorb(&mut door, &HEAD, 200, &head(at(0), 0, &[]), NOW.plus(20));
    assert!(hands_out(&mut door, &lines(1), ""));
}

#[test]
fn what_a_request_is_itself_about_is_no_reason_but_what_came_since_is() {
    let mut door = door();
    sign_out(&mut door, 10);
    let lines = lines(1);
    assert!(hands_out_to(&mut door, LOGOUT, 10, &lines, "", 100));
    assert!(!hands_out_to(&mut door, ("GET", URL), 10, &lines, "", 100), "a page that was asked for at that moment");
    sign_out(&mut door, 11);
    assert!(!hands_out_to(&mut door, LOGOUT, 10, &lines, "", 100));
}

#[test]
fn whoever_comes_back_from_a_provider_has_another_session() {
    for (method, path, may_end) in [
        ("GET", "/auth/oidc/corporate/callback?code=x", true),
        ("GET", "/auth/oidc/callback?code=x", true),
        ("POST", "/auth/break-glass", true),
        ("DELETE", "/auth/sessions", true),
        ("GET", "/auth/oidc/corporate/login", false),
        ("GET", "/auth/account", false),
        ("GET", "/auth/login?return_to=/auth/oidc/callback", false),
        ("GET", "/oidc/callback", false),
        ("POST", "/page", false),
    ] {
        let mut door = door();
        ask(&mut door, (method, &format!("https://app.example{path}")), 10);
        assert_eq!(hands_out(&mut door, &lines(1), ""), !may_end, "{method} {path}");
    }
}

#[test]
fn older_cookies_never_take_the_place_of_newer_ones() {
    let mut door = door();
    assert!(hands_out(&mut door, &lines(4), ""));
    assert!(hands_out(&mut door, &lines(4), ""), "ten tabs are given the same");
    assert!(!hands_out(&mut door, &lines(3), ""));
    let of_other = refreshed(OTHER_SESSION, 1, NOW).0.join("\n");
    assert!(hands_out(&mut door, &of_other, ""));
    assert!(hands_out(&mut door, &lines(5), ""));
    // What the origin gave by itself counts.
    assert!(!hands_out(&mut door, "", &lines(7)));
    assert!(!hands_out(&mut door, &lines(6), ""));
    assert!(hands_out(&mut door, &lines(7), ""));
}

#[test]
fn what_was_not_handed_out_is_not_remembered() {
    let mut door = door();
    sign_out(&mut door, 10);
    assert!(!hands_out(&mut door, &lines(9), ""));
    absorb(&mut door, &HEAD, 200, &head(at(0), 0, &[]), NOW.plus(20));
    assert!(hands_out(&mut door, &lines(2), ""));
}

#[test]
fn what_cannot_be_judged_is_not_handed_out() {
    assert!(!hands_out(&mut empty_door(), &lines(1), ""), "no keys");
    let mut door = door();
    for lines in ["", "theme=dark", "__Host-sg=junk; Path=/", "__Host-sg_refresh=x"] {
        assert!(!hands_out(&mut door, lines, ""), "{lines}");
    }
    for url in ["https://evil.example/", "https://other.example/", "nonsense"] {
        assert!(!hands_out_to(&mut door, ("GET", url), 0, &lines(1), "", 0), "{url}");
    }
    let mut reloaded = Door::new(settings_with(""));
    assert!(!hands_out(&mut reloaded, &lines(1), ""));
}

#[test]
fn an_access_token_that_died_on_the_way_comes_with_a_refresh_token_that_lives() {
    assert!(hands_out_to(&mut door(), ("GET", URL), 0, &lines(1), "", 1_000_000));
}
