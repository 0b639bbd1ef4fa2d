//! Cookies that somebody has planted beside ours (DESIGN §3), as raw HTTP: never an error of ours, never somebody else's
//! session.

use sealgate_tests::browser::Browser;
use sealgate_tests::raw::{self, Message};
use sealgate_tests::stack::DEMO;
use serde_json::Value;

use super::{ACCESS, REFRESH, World, generation};

/// Sends these cookies in this order.
async fn get(world: &World, cookies: &[(&str, &str)]) -> Message {
    let pairs: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request =
        format!("GET /page HTTP/1.1\r\nHost: {DEMO}\r\nCookie: {}\r\nConnection: close\r\n\r\n", pairs.join("; "));
    raw::exchange(world.stack.edge.address(), request.as_bytes()).await
}

fn code(answer: &Message) -> String {
    let problem: Value = serde_json::from_slice(&answer.body).unwrap_or_else(|_| panic!("{answer:?}"));
    problem["code"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

/// Whose session the application was told of.
fn session(answer: &Message) -> String {
    assert_eq!(answer.status(), 200, "{answer:?}");
    let seen: Value = serde_json::from_slice(&answer.body).unwrap();
    let headers = seen["headers"].as_array().unwrap().clone();
    let header = headers.iter().find(|header| header[0] == "x-sealgate-session").unwrap();
    header[1].as_str().unwrap().to_owned()
}

/// The names that are told to expire.
fn expired(answer: &Message) -> Vec<&str> {
    let lines = answer.all("set-cookie").into_iter().filter(|line| line.contains("Max-Age=0"));
    lines.map(|line| line.split_once('=').unwrap().0).collect()
}

fn id(session: &Value) -> &str {
    session["id"].as_str().unwrap()
}

fn both(browser: &Browser) -> (&str, &str) {
    (&browser.cookies[ACCESS], &browser.cookies[REFRESH])
}

struct Cast {
    world: World,
    /// Ada's first generation, her second, and somebody else's tokens.
    first: Browser,
    second: Browser,
    other: Browser,
    session: Value,
    others: Value,
}

/// All access tokens are expired but that of Ada's second generation.
async fn cast() -> Cast {
    let world = World::start().await;
    let (first, session) = world.signed_in("ada").await;
    let (other, others) = world.signed_in("mallory").await;
    world.expire().await;
    let mut second = first.clone();
    assert_eq!(second.get("/").await.status, 200);
    Cast { world, first, second, other, session, others }
}

#[tokio::test]
async fn access_tokens_of_one_session_are_one_and_of_two_are_nobodys() {
    let cast = cast().await;
    let (world, (old, _), (new, _)) = (&cast.world, both(&cast.first), both(&cast.second));
    let (mut fresh, _) = world.signed_in("mallory").await;
    assert_eq!(fresh.get("/").await.status, 200);
    for cookies in [[(ACCESS, old), (ACCESS, new)], [(ACCESS, new), (ACCESS, old)], [(ACCESS, "junk"), (ACCESS, new)]] {
        assert_eq!(session(&get(world, &cookies).await), id(&cast.session), "{cookies:?}");
    }
    let foreign = fresh.cookies[ACCESS].as_str();
    for cookies in [[(ACCESS, new), (ACCESS, foreign)], [(ACCESS, foreign), (ACCESS, new)]] {
        let answer = get(world, &cookies).await;
        assert_eq!((answer.status(), code(&answer).as_str()), (401, "ambiguous_session"), "{cookies:?}");
        assert!(expired(&answer).contains(&ACCESS), "{answer:?}");
    }
}

#[tokio::test]
async fn refresh_tokens_of_one_session_are_the_latest_and_of_two_are_nobodys() {
    let cast = cast().await;
    let (world, (_, old), (_, new), (_, foreign)) =
        (&cast.world, both(&cast.first), both(&cast.second), both(&cast.other));
    assert_eq!((generation(old), generation(new)), (0, 1));
    world.expire().await;
    for (cookies, expected) in [([(REFRESH, old), (REFRESH, new)], 2), ([(REFRESH, new), (REFRESH, old)], 2)] {
        let answer = get(world, &cookies).await;
        assert_eq!(session(&answer), id(&cast.session), "{cookies:?}");
        let line = answer.all("set-cookie").into_iter().find_map(|line| line.strip_prefix("__Host-sg_refresh="));
        assert_eq!(generation(line.unwrap().split(';').next().unwrap()), expected, "{cookies:?}");
    }
    let asked = world.refreshes();
    for cookies in [[(REFRESH, new), (REFRESH, foreign)], [(REFRESH, foreign), (REFRESH, new)]] {
        let answer = get(world, &cookies).await;
        assert_eq!((answer.status(), code(&answer).as_str()), (401, "ambiguous_session"), "{cookies:?}");
        assert_eq!(expired(&answer), [ACCESS, REFRESH], "{cookies:?}");
    }
    assert_eq!(world.refreshes(), asked, "nobody is asked whose it is");
    for whose in [&cast.session, &cast.others] {
        assert_eq!(world.revoked_reason(whose).await, None);
    }
}

#[tokio::test]
async fn an_access_token_and_a_refresh_token_of_two_sessions_are_nobodys() {
    let cast = cast().await;
    let (world, (old, _), (_, foreign)) = (&cast.world, both(&cast.first), both(&cast.other));
    for cookies in [[(ACCESS, old), (REFRESH, foreign)], [(REFRESH, foreign), (ACCESS, old)]] {
        let answer = get(world, &cookies).await;
        assert_eq!((answer.status(), code(&answer).as_str()), (401, "ambiguous_session"), "{cookies:?}");
        assert_eq!(expired(&answer), [ACCESS, REFRESH], "{cookies:?}");
    }
    // As long as the access token is good, it alone decides.
    let answer = get(world, &[(ACCESS, &cast.second.cookies[ACCESS]), (REFRESH, foreign)]).await;
    assert_eq!(session(&answer), id(&cast.session));
}

#[tokio::test]
async fn junk_beside_a_good_refresh_token_does_not_matter() {
    let cast = cast().await;
    let (world, (_, good)) = (&cast.world, both(&cast.second));
    world.expire().await;
    let forged = format!("{}{}", &good[..good.len() - 43], "A".repeat(43));
    let access = cast.second.cookies[ACCESS].as_str();
    for junk in ["", "junk", &forged, access, "r1....", &"x".repeat(3_000), "r2.a.b.c.d", "%00", "\"\""] {
        for cookies in [[(REFRESH, junk), (REFRESH, good)], [(REFRESH, good), (REFRESH, junk)]] {
            assert_eq!(session(&get(world, &cookies).await), id(&cast.session), "{cookies:?}");
        }
        for cookies in [[(ACCESS, junk), (REFRESH, good)], [(REFRESH, good), (ACCESS, junk)]] {
            assert_eq!(session(&get(world, &cookies).await), id(&cast.session), "{cookies:?}");
        }
    }
}

/// Whatever is planted in a browser, signing out there and clearing the cookies is always possible.
#[tokio::test]
async fn a_hundred_planted_cookies_are_an_answer_and_no_error() {
    let cast = cast().await;
    let (world, (access, good)) = (&cast.world, both(&cast.second));
    let forged = format!("{}{}", &good[..good.len() - 43], "A".repeat(43));
    for (count, expected) in [(3, 200), (4, 401), (30, 401)] {
        world.stack.advance(std::time::Duration::from_millis(1)).await;
        let mut cookies = vec![(REFRESH, forged.as_str()); count];
        cookies.push((REFRESH, good));
        let answer = get(world, &cookies).await;
        assert_eq!(answer.status(), expected, "{count} forged ones before a good one: {answer:?}");
        cookies.push((ACCESS, access));
        assert_eq!(get(world, &cookies).await.status(), 200, "the access token is good");
    }
}
