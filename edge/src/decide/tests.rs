use sealgate_shared::claims::Claims;
use sealgate_shared::cookie::CookieNames;
use sealgate_shared::report::Forwarded;

use super::*;
use crate::sample::{
    HEAD, NOW, OTHER_SESSION, RETIRED, REVOKED, SESSION, absorb, at, claims, cookie, door, empty_door, head, token,
    token_under,
};

mod ages;
mod auth;
mod bearer;
mod csrf;
mod doubts;
mod fresh;
mod keys;
mod property;
mod refresh;
mod rules;
mod unreachable;

const URL: &str = "https://app.example/page?q=1";

fn get<'r>(url: &'r str, cookie: &'r str) -> Incoming<'r> {
    Incoming { url, method: "GET", cookie, headers: "", now: NOW }
}

/// What becomes of a request of the sample session, so many milliseconds after its token was made.
fn visit(door: &mut Door, path: &str, milliseconds: u64, outcome: Option<Outcome>) -> Verdict {
    send(door, "GET", path, milliseconds, outcome)
}

fn send(door: &mut Door, method: &str, path: &str, milliseconds: u64, outcome: Option<Outcome>) -> Verdict {
    let (url, cookie) = (format!("https://app.example{path}"), cookie(&claims(SESSION)));
    door.decide(&Incoming { url: &url, method, cookie: &cookie, headers: "", now: NOW.plus(milliseconds) }, outcome)
}

/// The origin says, to a question that was sent at that moment, that nothing was revoked.
fn read_head(door: &mut Door, asked_at: u64) -> Outcome {
    absorb(door, &HEAD, 200, &head(at(0), 0, &[]), NOW.plus(asked_at))
}

/// The origin gives no answer to a question that was sent at that moment.
fn fail(door: &mut Door, errand: &Errand, asked_at: u64) -> Outcome {
    absorb(door, errand, 503, b"", NOW.plus(asked_at))
}

fn check(claims: &Claims) -> Errand {
    Errand::Check { tenant: claims.tenant.clone(), session: claims.session, expires_at: claims.expires_at }
}

/// The origin answers a question about the sample session that was sent at that moment.
fn told(door: &mut Door, answer: &str, asked_at: u64) -> Outcome {
    absorb(door, &check(&claims(SESSION)), 200, answer.as_bytes(), NOW.plus(asked_at))
}

const LIVE: &str = r#"{"status":"live"}"#;

const UNAVAILABLE: Verdict =
    Verdict::Refuse(Denial { why: Refusal::OriginUnavailable, is_bearer: false, max_age_s: None });

fn rejected(reject: Reject) -> Verdict {
    Verdict::from(Refusal::Token(reject))
}

#[track_caller]
fn forwarded(verdict: Verdict) -> Forward {
    forwarded_with(verdict).0
}

#[track_caller]
fn forwarded_with(verdict: Verdict) -> (Forward, Option<Errand>) {
    match verdict {
        Verdict::Forward(forward, errand) => (forward, errand),
        other => panic!("not forwarded: {other:?}"),
    }
}

fn header<'f>(forward: &'f Forward, name: &str) -> Option<&'f str> {
    forward.header(name)
}

/// How old what was known of revocations is said to be.
#[track_caller]
fn age(verdict: Verdict) -> Option<u64> {
    header(&forwarded(verdict), "x-sealgate-revocation-age-ms").map(|age| age.parse().unwrap())
}

#[test]
fn a_live_session_is_forwarded_with_its_identity() {
    let cookies = format!("theme=dark; {}; __Host-sg_csrf=x", cookie(&claims(SESSION)));
    let forward = forwarded(door().decide(&get(URL, &cookies), None));
    assert_eq!(forward.to, Forwarded::Session);
    assert_eq!(forward.url(), "http://127.0.0.1:3/page?q=1");
    for (name, value) in [
        ("x-sealgate-session", SESSION.to_string().as_str()),
        ("x-sealgate-tenant", "demo"),
        ("x-sealgate-actor-type", "user"),
        ("x-sealgate-actor-id", "ada"),
        ("x-sealgate-assurance", "1"),
        ("x-sealgate-roles", "admin"),
        ("x-sealgate-authenticated-at", NOW.as_secs().to_string().as_str()),
        ("x-sealgate-expires-at", NOW.plus(900_000).as_secs().to_string().as_str()),
        ("x-sealgate-revocation-age-ms", "0"),
        ("x-forwarded-host", "app.example"),
        ("x-forwarded-proto", "https"),
        ("cookie", "theme=dark"),
    ] {
        assert_eq!(header(&forward, name), Some(value), "{name}");
    }
    assert_eq!(header(&forward, assertion::HEADER), None, "this tenant's application has no secret");
}

#[test]
fn whoever_is_recognised_is_no_longer_going_round() {
    let cookies = format!("__Host-sg_detour=3.abc; {}", cookie(&claims(SESSION)));
    let forward = forwarded(door().decide(&get(URL, &cookies), None));
    assert_eq!(forward.set_cookie, Some(sealgate_shared::cookie::clear(CookieNames::Host, CookieName::Detour)));
    assert_eq!(header(&forward, "cookie"), None);
    let forward = forwarded(door().decide(&get(URL, &cookie(&claims(SESSION))), None));
    assert_eq!(forward.set_cookie, None);
}

#[test]
fn without_upstream_the_request_goes_where_it_was_going() {
    let mut other = claims(SESSION);
    other.tenant = "other".parse().unwrap();
    let url = "https://other.example/a?b";
    let cookies = cookie(&other);
    assert_eq!(forwarded(door().decide(&get(url, &cookies), None)).url(), url);
}

#[test]
fn bad_cookies_are_refused_without_asking_anyone() {
    let good = token(&claims(SESSION));
    let bent =
        format!("{}{}", &good.strip_suffix(|_: char| true).unwrap(), if good.ends_with('A') { 'E' } else { 'A' });
    let mut other_tenant = claims(SESSION);
    other_tenant.tenant = "other".parse().unwrap();
    let mut old = claims(SESSION);
    old.issued_at = NOW.minus(900_000);
    old.authenticated_at = old.issued_at;
    old.expires_at = NOW;
    for (cookies, verdict) in [
        (String::new(), Verdict::from(Refusal::Missing)),
        ("theme=dark; sg=x".to_owned(), Verdict::from(Refusal::Missing)),
        (format!("__Host-sg={bent}"), rejected(Reject::BadMac)),
        ("__Host-sg=junk".to_owned(), rejected(Reject::Malformed)),
        (cookie(&other_tenant), rejected(Reject::WrongTenant)),
        (cookie(&old), rejected(Reject::Expired)),
        (
            format!("{}; {}", cookie(&claims(SESSION)), cookie(&claims(OTHER_SESSION))),
            rejected(Reject::AmbiguousSession),
        ),
    ] {
        let later = Incoming { now: NOW.plus(5_000), ..get(URL, &cookies) };
        for (incoming, is_now) in [(get(URL, &cookies), true), (later, false)] {
            // Later nothing that is held of revocations would do; but nothing is looked up.
            assert_eq!(door().decide(&incoming, None), verdict, "{cookies} {is_now}");
        }
    }
}

#[test]
fn hosts_sizes_and_public_paths() {
    let mut door = empty_door();
    let long = format!("a={}", "x".repeat(8_191));
    assert_eq!(door.decide(&get(URL, &long), None), Verdict::from(Refusal::CookieTooLarge));
    for url in ["https://evil.example/", "https://app.example:1/", "nonsense"] {
        assert_eq!(door.decide(&get(url, ""), None), Verdict::from(Refusal::UnknownHost), "{url}");
    }
    let cookies = format!("a=1; {}", cookie(&claims(SESSION)));
    let forward = forwarded(door.decide(&get("https://app.example/public/x", &cookies), None));
    assert_eq!(forward.to, Forwarded::Public);
    assert_eq!(header(&forward, "cookie"), Some("a=1"));
    assert_eq!(header(&forward, "x-sealgate-session"), None);
    assert_eq!(door.decide(&get("https://app.example/public/../x", ""), None), Verdict::from(Refusal::Missing));
}

#[test]
fn auth_goes_to_the_origin_with_our_cookies_alone() {
    let cookies = format!("a=1; {}", cookie(&claims(SESSION)));
    let mut door = door();
    let forward = forwarded(door.decide(&get("https://app.example/auth/session?x", &cookies), None));
    assert_eq!(forward.to, Forwarded::Origin);
    assert_eq!(forward.url(), "http://127.0.0.1:1/auth/session?x");
    assert_eq!(header(&forward, "cookie"), Some(cookie(&claims(SESSION)).as_str()));
    assert!(header(&forward, "x-sealgate-edge").unwrap().starts_with("dev."));
    for path in ["/authors", "/%61uth/session", "/auth/../internal/check", "/auth/%2e%2E/a", "/auth/..%2fa", "/auth//a"]
    {
        let url = format!("https://app.example{path}");
        assert_eq!(door.decide(&get(&url, ""), None), Verdict::from(Refusal::Missing), "{url}");
    }
}
