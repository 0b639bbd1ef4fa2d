//! Native clients, which send `Authorization: Bearer`.

use sealgate_shared::revocation::Revoked;

use super::*;
use crate::sample::{bearer_token, claims_at, expired, refresh, refresh_cookie};

fn send_with(door: &mut Door, url: &str, cookies: &str, authorization: &str, outcome: Option<Outcome>) -> Verdict {
    let headers = format!("authorization: {authorization}");
    door.decide(&Incoming { headers: &headers, ..get(url, cookies) }, outcome)
}

fn bearer() -> String {
    format!("Bearer {}", bearer_token(&claims(SESSION)))
}

fn refused(reject: Reject) -> Verdict {
    Verdict::Refuse(Denial { is_bearer: true, ..Refusal::Token(reject).into() })
}

#[test]
fn a_good_token_is_a_session_whatever_cookies_are_beside_it() {
    for cookies in [String::new(), cookie(&claims(OTHER_SESSION)), "__Host-sg=junk; theme=dark".to_owned()] {
        let forward = forwarded(send_with(&mut door(), URL, &cookies, &bearer(), None));
        assert_eq!(header(&forward, "x-sealgate-session"), Some(&*SESSION.to_string()));
        assert_eq!(header(&forward, "authorization"), Some(""), "the application does not get it");
        assert_eq!(header(&forward, "cookie"), cookies.contains("theme").then_some("theme=dark"));
    }
}

#[test]
fn a_bad_token_is_refused_whatever_cookies_are_beside_it_and_nothing_is_refreshed() {
    let cookies = format!("{}; {}", cookie(&claims(OTHER_SESSION)), refresh_cookie(OTHER_SESSION));
    let good = bearer_token(&claims(SESSION));
    let forged = format!("{}.{}", good.rsplit_once('.').unwrap().0, "A".repeat(43));
    let mut other_tenant = claims(SESSION);
    other_tenant.tenant = "other".parse().unwrap();
    for (token, reject) in [
        (forged, Reject::BadMac),
        // A cookie's token is none for here, and the other way round.
        (token(&claims(SESSION)), Reject::BadMac),
        (bearer_token(&expired(SESSION)), Reject::Expired),
        (bearer_token(&claims_at(SESSION, 0, NOW.plus(5_001))), Reject::IssuedInFuture),
        (bearer_token(&other_tenant), Reject::WrongTenant),
        (refresh(SESSION, 0), Reject::Malformed),
        ("r1.a.b.c".to_owned(), Reject::UnknownVersion),
        ("v1.".to_owned(), Reject::Malformed),
        (format!("{good} x"), Reject::Malformed),
    ] {
        for cookies in ["", &cookies] {
            let verdict = send_with(&mut door(), URL, cookies, &format!("Bearer {token}"), None);
            assert_eq!(verdict, refused(reject), "{token}");
        }
    }
    let as_cookie = format!("__Host-sg={good}");
    assert_eq!(door().decide(&get(URL, &as_cookie), None), rejected(Reject::BadMac));
}

#[test]
fn what_is_in_that_header_otherwise_is_the_applications_and_cookies_decide() {
    for foreign in ["Basic eDp5", "Bearer eyJ.a.b", "Bearer", "Negotiate x"] {
        let forward = forwarded(send_with(&mut door(), URL, &cookie(&claims(SESSION)), foreign, None));
        assert_eq!(header(&forward, "authorization"), None, "left as it is");
        assert_eq!(send_with(&mut door(), URL, "", foreign, None), Verdict::from(Refusal::Missing));
    }
}

#[test]
fn it_is_revoked_like_any_other_and_a_mark_is_not_got_round() {
    let claims = claims(SESSION);
    let mark = Revoked::Tenant { tenant: claims.tenant, issued_before: NOW.plus(1) };
    for revoked in [Revoked::Session(SESSION), mark] {
        let mut door = door();
        absorb(&mut door, &HEAD, 200, &head(at(1), 0, &[revoked]), NOW);
        let verdict = send_with(&mut door, URL, &refresh_cookie(SESSION), &bearer(), None);
        assert_eq!(verdict, refused(Reject::Revoked));
    }
    let later = |milliseconds| {
        let headers = format!("authorization: {}", bearer());
        door().decide(&Incoming { headers: &headers, now: NOW.plus(milliseconds), ..get(URL, "") }, None)
    };
    assert_eq!((later(1_001), age(later(1_000))), (Verdict::Need(HEAD), Some(1_000)));
}

#[test]
fn it_needs_keys_like_any_other() {
    let mut door = empty_door();
    assert_eq!(send_with(&mut door, URL, "", &bearer(), None), Verdict::Need(Errand::Keyring));
    let failed = Some(Outcome::Failed(Kind::Keyring));
    let unavailable = Verdict::Refuse(Denial { is_bearer: true, ..Refusal::OriginUnavailable.into() });
    assert_eq!(send_with(&mut door, URL, "", &bearer(), failed), unavailable);
    let unknown = format!("Bearer {}", bearer_token(&claims(SESSION)).replace("AQEBAQEBAQE", "AAAAAAAAAAA"));
    let headers = format!("authorization: {unknown}");
    let incoming = Incoming { headers: &headers, now: NOW.plus(500), ..get(URL, "") };
    assert_eq!(crate::sample::door().decide(&incoming, None), Verdict::Need(HEAD));
    assert_eq!(send_with(&mut crate::sample::door(), URL, "", &unknown, None), refused(Reject::UnknownKid));
}

#[test]
fn no_page_can_make_a_browser_send_it_so_nothing_is_asked_of_where_it_comes_from() {
    let headers = format!("authorization: {}\nsec-fetch-site: cross-site\nupgrade: websocket", bearer());
    for method in ["POST", "DELETE", "GET"] {
        for path in ["/page", "/token"] {
            let url = format!("https://app.example{path}");
            forwarded(door().decide(&Incoming { method, headers: &headers, ..get(&url, "") }, None));
        }
    }
}

#[test]
fn public_paths_do_not_get_it_and_the_origin_does_and_no_cookies() {
    let cookies = format!("a=1; {}", cookie(&claims(OTHER_SESSION)));
    let public = forwarded(send_with(&mut door(), "https://app.example/public", &cookies, &bearer(), None));
    assert_eq!((header(&public, "authorization"), header(&public, "cookie")), (Some(""), Some("a=1")));
    for path in ["/auth/session", "/auth/refresh"] {
        let url = format!("https://app.example{path}");
        let (headers, cookies) = (format!("authorization: {}", bearer()), refresh_cookie(SESSION));
        for method in ["GET", "POST"] {
            let incoming = Incoming { method, headers: &headers, ..get(&url, &cookies) };
            let forward = forwarded(door().decide(&incoming, None));
            assert_eq!((forward.to, header(&forward, "authorization")), (Forwarded::Origin, None));
            assert_eq!(header(&forward, "cookie"), None);
        }
    }
}

#[test]
fn what_it_asks_of_the_origin_puts_its_session_in_doubt() {
    let mut door = door();
    let headers = format!("authorization: {}", bearer());
    let url = "https://app.example/auth/sessions";
    forwarded(door.decide(&Incoming { method: "DELETE", headers: &headers, now: NOW.plus(10), ..get(url, "") }, None));
    assert_eq!(visit(&mut door, "/", 11, None), Verdict::Need(HEAD));
}
