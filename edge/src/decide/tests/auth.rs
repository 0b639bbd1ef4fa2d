//! What requests to `/auth` need before they go on.

use sealgate_shared::revocation::Revoked;

use super::refresh::{AMBIGUOUS, door_that_knows, mark, needs_refresh, refuse_with, with};
use super::*;
use crate::sample::{expired, refresh, refresh_claims, refresh_cookie, refresh_under};
use crate::settings::Settings;
use crate::settings::tests::{JSON, secret};

/// A request to `/auth` with an expired access token and a good refresh token.
fn to_auth(door: &mut Door, method: &str, path: &str, outcome: Option<Outcome>) -> Verdict {
    let (url, cookies) = (format!("https://app.example{path}"), with(&expired(SESSION), &refresh(SESSION, 0)));
    door.decide(&Incoming { method, ..get(&url, &cookies) }, outcome)
}

#[test]
fn the_origin_finds_a_good_access_token_but_where_it_looks_for_none() {
    for (method, path) in
        [("GET", "/auth/session"), ("GET", "/auth/account"), ("DELETE", "/auth/sessions"), ("GET", "/auth")]
    {
        assert_eq!(to_auth(&mut door(), method, path, None), needs_refresh(SESSION), "{path}");
        let refused = Some(Outcome::Refused(Reject::Revoked));
        assert_eq!(
            forwarded(to_auth(&mut door(), method, path, refused)).to,
            Forwarded::Origin,
            "it has the last word"
        );
        assert_eq!(to_auth(&mut door(), method, path, Some(Outcome::Failed(Kind::Refresh))), UNAVAILABLE);
    }
    for (method, path) in [
        ("POST", "/auth/refresh"),
        ("POST", "/auth/logout"),
        ("GET", "/auth/login"),
        ("POST", "/auth/login"),
        ("GET", "/auth/break-glass"),
        ("POST", "/auth/break-glass"),
        ("GET", "/auth/oidc/callback"),
    ] {
        assert_eq!(forwarded(to_auth(&mut door(), method, path, None)).to, Forwarded::Origin, "{path}");
    }
    let (url, cookies) = ("https://app.example/auth/session", with(&claims(SESSION), &refresh(SESSION, 0)));
    forwarded(door().decide(&get(url, &cookies), None));
    assert_eq!(door_that_knows(&[mark(NOW.plus(1))]).decide(&get(url, &cookies), None), needs_refresh(SESSION));
    let known = forwarded(door_that_knows(&[Revoked::Session(SESSION)]).decide(&get(url, &cookies), None));
    assert_eq!(known.to, Forwarded::Origin);
}

#[test]
fn the_origin_is_told_which_header_the_address_is_from_and_an_application_is_not() {
    let told = |settings: &str, url: &str| {
        let mut door = Door::new(Settings::parse(settings, &secret(), "").unwrap());
        let failed = Some(Outcome::Failed(Kind::Keyring));
        header(&forwarded(door.decide(&get(url, ""), failed)), "x-sealgate-client-ip-source").map(str::to_owned)
    };
    let login = "https://app.example/auth/login";
    assert_eq!(told(JSON, login).as_deref(), Some("cf-connecting-ip"));
    assert_eq!(told(&JSON.replace("\"edge\"", "\"client_address\": \"none\", \"edge\""), login), None);
    assert_eq!(told(JSON, "https://app.example/public"), None);
}

#[test]
fn what_binds_a_sign_in_to_the_browser_is_shown_to_the_origin_alone() {
    let cookies = format!("theme=dark; __Host-sg_login=abc; {}", cookie(&claims(SESSION)));
    let callback = "https://app.example/auth/oidc/callback?state=a%2Fb&code=c+d";
    let forward = forwarded(door().decide(&get(callback, &cookies), None));
    assert_eq!(forward.to, Forwarded::Origin);
    assert!(forward.url().ends_with("/auth/oidc/callback?state=a%2Fb&code=c+d"), "{}", forward.url());
    let sent = header(&forward, "cookie").unwrap();
    assert!(sent.contains("__Host-sg_login=abc") && !sent.contains("theme"), "{sent}");
    for url in ["https://app.example/public", URL] {
        let forward = forwarded(door().decide(&get(url, &cookies), None));
        assert_eq!(header(&forward, "cookie"), Some("theme=dark"), "{url}");
    }
}

#[test]
fn without_keys_auth_is_reached_nevertheless() {
    let mut door = empty_door();
    assert_eq!(to_auth(&mut door, "GET", "/auth/session", None), Verdict::Need(Errand::Keyring));
    let failed = Some(Outcome::Failed(Kind::Keyring));
    assert_eq!(forwarded(to_auth(&mut door, "GET", "/auth/session", failed)).to, Forwarded::Origin);
    assert_eq!(forwarded(to_auth(&mut door, "POST", "/auth/logout", failed)).to, Forwarded::Origin);
    assert_eq!(to_auth(&mut door, "POST", "/auth/refresh", failed), UNAVAILABLE);
    let url = "https://app.example/auth/session";
    forwarded(door.decide(&get(url, ""), None));
    forwarded(door.decide(&get(url, &cookie(&claims(SESSION))), None));
}

#[test]
fn a_refresh_that_is_asked_for_dies_here_if_it_cannot_succeed() {
    let url = "https://app.example/auth/refresh";
    let post = |door: &mut Door, cookies: &str, headers: &str| {
        door.decide(&Incoming { method: "POST", headers, ..get(url, cookies) }, None)
    };
    let forged = format!("{}.{}", refresh(SESSION, 0).rsplit_once('.').unwrap().0, "A".repeat(43));
    let json = "content-type: Application/JSON; charset=utf-8";
    for (cookies, verdict) in [
        (String::new(), Verdict::from(Refusal::Missing)),
        (cookie(&claims(SESSION)), Verdict::from(Refusal::Missing)),
        (format!("__Host-sg_refresh={forged}"), rejected(Reject::BadMac)),
        (format!("__Host-sg_refresh={}", refresh_under(9, &refresh_claims(SESSION, 0))), rejected(Reject::UnknownKid)),
        (with(&claims(OTHER_SESSION), &refresh(SESSION, 0)), AMBIGUOUS),
    ] {
        assert_eq!(post(&mut door(), &cookies, ""), verdict, "{cookies}");
        assert_eq!(post(&mut door(), &cookies, "content-type: text/plain"), verdict, "{cookies}");
        // A native client's token is in the body, where nobody looks at it here.
        assert_eq!(forwarded(post(&mut door(), &cookies, json)).to, Forwarded::Origin);
    }
    let good = refresh_cookie(SESSION);
    assert_eq!(header(&forwarded(post(&mut door(), &good, "")), "cookie"), Some(&*good));
    assert_eq!(post(&mut door_that_knows(&[Revoked::Session(SESSION)]), &good, ""), rejected(Reject::Revoked));
    let mut door = door();
    refuse_with(&mut door, "reuse");
    assert_eq!(post(&mut door, &good, ""), rejected(Reject::Revoked));
    // Nobody refreshes by looking.
    assert_eq!(forwarded(door.decide(&get(url, ""), None)).to, Forwarded::Origin);
}
