//! A session's life: signing in, being recognised, signing out, being revoked, expiring.

use std::time::Duration;

use reqwest::Method;
use sealgate_tests::stack::Stack;
use serde_json::json;

const ACCESS: &str = "__Host-sg";

#[tokio::test]
async fn sign_in_be_recognised_sign_out_be_refused() {
    let stack = Stack::start().await;
    let mut browser = stack.browser().navigating();

    let sent_away = browser.get("/page?q=1").await;
    assert_eq!(sent_away.status, 302);
    let sign_in = sent_away.header("location").unwrap().to_owned();
    assert_eq!(sign_in, "/auth/login?return_to=/page%3Fq%3D1");
    assert_eq!(browser.get(&sign_in).await.status, 200);

    let mut form = browser.clone().with_header("content-type", "application/x-www-form-urlencoded");
    let back = form.post("/auth/login", "name=ada&return_to=/page%3Fq%3D1").await;
    assert_eq!((back.status.as_u16(), back.header("location")), (303, Some("/page?q=1")));
    browser.cookies = form.cookies;

    let page = browser.get("/page?q=1").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.seen("x-sealgate-actor-id").as_deref(), Some("ada"));
    assert_eq!(page.json()["target"], "/page?q=1");
    assert!(!browser.cookies.contains_key("__Host-sg_detour"), "whoever is in is not going round");

    let stolen = browser.clone();
    let signed_out = browser.post("/auth/logout", "").await;
    assert_eq!(signed_out.status, 303);
    assert!(!browser.cookies.contains_key(ACCESS), "the browser dropped the cookie: {signed_out:?}");
    assert_eq!(browser.get("/page").await.status, 302);
    stack.advance(Duration::from_millis(1)).await;

    // Whoever kept a copy of the cookie has nothing.
    let mut script = stack.browser();
    script.cookies = stolen.cookies;
    assert_eq!(script.get("/page").await.code(), "revoked");
}

#[tokio::test]
async fn the_origin_says_who_is_signed_in() {
    let stack = Stack::start().await;
    let (mut browser, session) = stack.signed_in("ada").await;
    let answer = browser.get("/auth/session").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["session"]["id"], session["id"]);
    assert_eq!(answer.json()["session"]["actor_id"], "ada");
    assert_eq!(answer.json()["csrf_token"], browser.cookies["__Host-sg_csrf"]);
    assert_eq!(stack.browser().get("/auth/session").await.code(), "missing");
}

#[tokio::test]
async fn a_session_revoked_by_the_api_is_refused_within_a_second() {
    let stack = Stack::start().await;
    let (mut browser, session) = stack.signed_in("ada").await;
    assert_eq!(browser.get("/").await.status, 200);
    stack.origin.revoke(&session).await;

    stack.advance(Duration::from_millis(499)).await;
    assert_eq!(browser.get("/").await.seen("x-sealgate-revocation-age-ms").as_deref(), Some("499"));
    stack.advance(Duration::from_millis(502)).await;
    assert_eq!(browser.get("/").await.code(), "revoked");

    // From here on nobody is asked any more.
    let before = stack.origin.requests().await;
    stack.advance(Duration::from_mins(1)).await;
    assert_eq!(browser.get("/").await.code(), "revoked");
    assert_eq!(stack.origin.requests().await, before);
}

#[tokio::test]
async fn where_a_route_asks_a_revocation_is_felt_by_the_next_request() {
    let asks = json!([{ "path": "/asks", "policy": "session", "revocation": "ask" }]);
    let stack = Stack::start_with(|settings| settings["tenants"][0]["routes"] = asks).await;
    let (mut browser, session) = stack.signed_in("ada").await;
    assert_eq!(browser.get("/").await.status, 200);
    assert_eq!(browser.get("/asks").await.seen("x-sealgate-revocation-age-ms").as_deref(), Some("0"));
    stack.origin.revoke(&session).await;
    assert_eq!(browser.get("/").await.status, 200, "nobody was asked");
    assert_eq!(browser.get("/asks").await.code(), "revoked");
    assert_eq!(browser.get("/").await.code(), "revoked", "what was seen once is known everywhere");
}

#[tokio::test]
async fn all_sessions_of_an_actor_end_but_the_one_excepted() {
    let stack = Stack::start().await;
    let (mut phone, kept) = stack.signed_in("ada").await;
    let (mut laptop, _) = stack.signed_in("ada").await;
    let (mut stranger, _) = stack.signed_in("bob").await;
    let path = format!("/v1/actors/user/ada/sessions?except={}", kept["id"].as_str().unwrap());
    let answer = stack.origin.ask(Method::DELETE, &path, None).await;
    assert_eq!(answer.json(), json!({ "revoked": 1 }));
    assert_eq!(phone.get("/").await.status, 200);
    assert_eq!(laptop.get("/").await.code(), "revoked");
    assert_eq!(stranger.get("/").await.status, 200);
}

#[tokio::test]
async fn a_token_is_dead_at_its_expiry_and_still_signs_its_session_out() {
    let stack = Stack::start().await;
    let (browser, session) = stack.signed_in("ada").await;
    // Its access token alone: with the other it would be refreshed.
    let mut browser = browser.without_cookie("__Host-sg_refresh");
    let lifetime = lifetime_ms(&session);
    assert!((15 * 57_000..=15 * 60_000).contains(&lifetime), "{session}");
    stack.advance(Duration::from_millis(lifetime - 1)).await;
    assert_eq!(browser.get("/").await.status, 200);
    stack.advance(Duration::from_millis(1)).await;
    assert_eq!(browser.get("/").await.code(), "expired");

    let answer = browser.post("/auth/logout", "").await;
    assert_eq!(answer.json(), json!({ "signed_out": true }));
    let path = format!("/v1/sessions/{}", session["id"].as_str().unwrap());
    let row = stack.origin.ask(Method::GET, &path, None).await.json();
    assert_eq!(row["session"].get("revoked_reason").or(row.get("revoked_reason")).unwrap(), "sign_out");
}

/// How long the access token lives: stories begin on the hour, and it is `…T08:mm:ss.mmmZ` when it is over.
fn lifetime_ms(session: &serde_json::Value) -> u64 {
    let text = session["access_expires_at"].as_str().unwrap();
    let (minutes, seconds) = text[14..].split_once(':').unwrap();
    let milliseconds = seconds.trim_end_matches('Z').replace('.', "");
    minutes.parse::<u64>().unwrap() * 60_000 + milliseconds.parse::<u64>().unwrap()
}

#[tokio::test]
async fn staying_signed_in_is_a_matter_of_max_age() {
    let stack = Stack::start().await;
    let lines = |minted: serde_json::Value| minted["set_cookie"].to_string();
    assert!(!lines(stack.origin.mint("ada").await).contains("Max-Age"));
    let remembered = stack.origin.mint_with("ada", json!({ "remember": true })).await;
    assert_eq!(lines(remembered).matches("Max-Age=1209600").count(), 3);
}
