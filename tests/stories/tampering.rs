//! Cookies that are not what the origin made: none reaches the application, and the origin notices nothing.

use sealgate_shared::claims::Claims;
use sealgate_shared::id::{KeyId, SessionId};
use sealgate_shared::key::SigningKey;
use sealgate_shared::secret::Secret32;
use sealgate_tests::browser::Browser;
use sealgate_tests::scale;
use sealgate_tests::stack::{DEMO, OTHER, Stack};

const ACCESS: &str = "__Host-sg";

/// Another character of the alphabet, at the same place.
fn bend(token: &str, position: usize) -> String {
    let bent = |(at, old): (usize, char)| match old {
        _ if at != position => old,
        '.' => '_',
        'A' => 'Q',
        _ => 'A',
    };
    token.chars().enumerate().map(bent).collect()
}

#[tokio::test]
async fn a_cookie_with_any_character_bent_is_refused_at_the_edge() {
    let stack = Stack::start().await;
    let (mut browser, _) = stack.signed_in("ada").await;
    assert_eq!(browser.get("/").await.status, 200);
    let token = browser.cookies[ACCESS].clone();
    let (asked, forwarded) = (stack.origin.requests().await, stack.upstream.requests());
    for position in 0..token.len() {
        let mut forger = stack.browser().with_cookie(ACCESS, &bend(&token, position));
        let code = forger.get("/").await.code();
        let dot = token[position..].starts_with('.');
        let expected = match position {
            _ if dot => "malformed",
            ..3 => "unknown_version",
            3..14 => "unknown_kid",
            _ => "bad_mac",
        };
        assert_eq!(code, expected, "character {position} of {}", token.len());
    }
    assert_eq!(stack.upstream.requests(), forwarded);
    assert_eq!(stack.origin.requests().await, asked, "nobody was asked");
}

#[tokio::test]
async fn a_token_signed_by_a_key_of_the_forgers_own_is_refused() {
    let stack = Stack::start().await;
    let (mut browser, _) = stack.signed_in("ada").await;
    assert_eq!(browser.get("/").await.status, 200);
    // The id of the real key, as anybody can read it in a cookie, and a secret that is not its secret.
    let kid: KeyId = format!("sk-{}", browser.cookies[ACCESS].split('.').nth(1).unwrap()).parse().unwrap();
    let key = SigningKey::new(kid, "demo".parse().unwrap(), Secret32::new([0; 32]));
    let now = stack.now();
    let claims = Claims {
        session: SessionId::new([0; 16]),
        tenant: "demo".parse().unwrap(),
        actor_type: "user".parse().unwrap(),
        actor_id: "root".parse().unwrap(),
        issued_at: now,
        expires_at: now.plus(60_000),
        authenticated_at: now,
        generation: 0,
        assurance: 3,
        roles: sealgate_shared::id::Roles::default(),
    };
    let token = key.access_sealer().seal(&claims).unwrap();
    assert_eq!(stack.browser().with_cookie(ACCESS, &token).get("/").await.code(), "bad_mac");
}

#[tokio::test]
async fn pieces_of_good_cookies_do_not_make_another() {
    let stack = Stack::start().await;
    let (mut ada, _) = stack.signed_in("ada").await;
    let (bob, _) = stack.signed_in("bob").await;
    assert_eq!(ada.get("/").await.status, 200);
    let (one, other) = (&ada.cookies[ACCESS], &bob.cookies[ACCESS]);
    let (body, mac) = one.rsplit_once('.').unwrap();
    let (other_body, other_mac) = other.rsplit_once('.').unwrap();
    for (token, code) in [
        (format!("{body}.{other_mac}"), "bad_mac"),
        (format!("{other_body}.{mac}"), "bad_mac"),
        (format!("{body}."), "malformed"),
        (body.to_owned(), "malformed"),
        (format!("{one}="), "malformed"),
        (format!("{one}.{mac}"), "malformed"),
        (one.replacen("v1", "v2", 1), "unknown_version"),
        ("x".repeat(1_025), "too_long"),
        (ada.cookies["__Host-sg_csrf"].clone(), "malformed"),
        (String::new(), "malformed"),
    ] {
        let mut forger = stack.browser().with_cookie(ACCESS, &token);
        assert_eq!(forger.get("/").await.code(), code, "{token}");
    }
}

#[tokio::test]
async fn a_cookie_is_good_at_its_own_tenant_alone() {
    let stack = Stack::start().await;
    let (ada, _) = stack.signed_in("ada").await;
    let mut elsewhere = Browser::new(stack.edge.address(), OTHER);
    elsewhere.cookies.clone_from(&ada.cookies);
    assert_eq!(elsewhere.get("/").await.code(), "wrong_tenant");
}

#[tokio::test]
async fn an_unknown_host_is_misdirected() {
    let stack = Stack::start().await;
    let (ada, _) = stack.signed_in("ada").await;
    for host in ["evil.test", "demo.test:81", "demo.test.", "sub.demo.test", "127.0.0.1"] {
        let mut elsewhere = Browser::new(stack.edge.address(), host);
        elsewhere.cookies.clone_from(&ada.cookies);
        let answer = elsewhere.get("/public").await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (421, "unknown_host"), "{host}");
    }
    assert_eq!(stack.upstream.requests(), 0);
}

#[tokio::test]
async fn cookies_of_two_sessions_are_refused_and_the_name_expired() {
    let stack = Stack::start().await;
    let (ada, _) = stack.signed_in("ada").await;
    let (mallory, _) = stack.signed_in("mallory").await;
    let (one, other) = (&ada.cookies[ACCESS], &mallory.cookies[ACCESS]);
    let both = |first: &str, second: &str| format!("{ACCESS}={first}; {ACCESS}={second}");
    for header in [both(one, other), both(other, one)] {
        let answer = Browser::new(stack.edge.address(), DEMO).with_header("cookie", &header).get("/").await;
        assert_eq!(answer.code(), "ambiguous_session");
        let gone = |name: &str| format!("{name}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
        assert_eq!(answer.set_cookies(), [gone(ACCESS), gone("__Host-sg_refresh")]);
    }
    for header in [both(one, one), both("junk", one), both(one, "junk")] {
        let answer = Browser::new(stack.edge.address(), DEMO).with_header("cookie", &header).get("/").await;
        assert_eq!(answer.seen("x-sealgate-actor-id").as_deref(), Some("ada"), "{header}");
    }
}

#[tokio::test]
async fn a_flood_of_forged_cookies_never_reaches_the_origin() {
    let stack = Stack::start().await;
    let (mut ada, _) = stack.signed_in("ada").await;
    assert_eq!(ada.get("/").await.status, 200);
    let token = ada.cookies[ACCESS].clone();
    let before = stack.origin.requests().await;
    let flood = scale::count(2_000, 10_000);
    for number in 0..flood {
        // Every forgery is another one, and has the form of the real thing.
        let mac_from = token.len() - 43;
        let forged = bend(&bend(&token, mac_from + number % 42), 16 + (number / 42) % (mac_from - 18));
        let answer = stack.browser().with_cookie(ACCESS, &forged).get("/").await;
        assert_eq!(answer.status, 401, "{forged}");
        if number % 500 == 0 {
            assert_eq!(ada.get("/").await.status, 200, "people are let in beside the flood");
        }
    }
    assert_eq!(stack.origin.requests().await, before);
}

#[tokio::test]
async fn a_flood_of_invented_key_ids_costs_one_question() {
    let stack = Stack::start().await;
    let (mut ada, _) = stack.signed_in("ada").await;
    assert_eq!(ada.get("/").await.status, 200);
    stack.advance(std::time::Duration::from_secs(11)).await;
    let token = ada.cookies[ACCESS].clone();
    let before = stack.origin.requests().await;
    for number in 0..scale::count(200, 10_000) {
        let kid = KeyId::new((number as u64).to_be_bytes()).to_string();
        let parts: Vec<&str> = token.split('.').collect();
        let forged = [parts[0], kid.strip_prefix("sk-").unwrap(), parts[2], parts[3]].join(".");
        assert_eq!(stack.browser().with_cookie(ACCESS, &forged).get("/").await.code(), "unknown_kid");
    }
    assert_eq!(stack.origin.requests().await, before + 1);
}
