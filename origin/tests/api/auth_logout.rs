//! `POST /auth/logout`.

use std::time::Duration;

use serde_json::json;

use crate::kit::{Answer, Origin};

const CLEARED: [&str; 2] = [
    "__Host-sg=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0",
    "__Host-sg_csrf=; Path=/; Secure; SameSite=Lax; Max-Age=0",
];

async fn sign_out(origin: &Origin, cookie: &str) -> Answer {
    let answer = origin.browser("POST", "/auth/logout").cookie(cookie).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.set_cookies(), CLEARED);
    answer
}

#[tokio::test]
async fn signing_out_ends_the_session_and_clears_the_cookies() {
    let origin = Origin::start().await;
    let (here, elsewhere) = (origin.mint().await, origin.mint().await);
    assert_eq!(sign_out(&origin, &here.cookie).await.json(), json!({ "signed_out": true }));
    let shown = origin.v1("GET", &format!("/v1/sessions/{}", here.id)).send().await.json();
    assert_eq!((&shown["status"], &shown["revoked_reason"]), (&json!("revoked"), &json!("sign_out")));
    assert_eq!(origin.check(&elsewhere.id).await, "live");
    origin.browser("GET", "/auth/session").cookie(&here.cookie).refused(401, "revoked").await;
    assert_eq!(sign_out(&origin, &here.cookie).await.json(), json!({ "signed_out": true }));
}

#[tokio::test]
async fn an_expired_token_still_signs_out() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    origin.wait(Duration::from_mins(16));
    assert_eq!(sign_out(&origin, &minted.cookie).await.json(), json!({ "signed_out": true }));
    assert_eq!(origin.check(&minted.id).await, "revoked");
}

#[tokio::test]
async fn cookies_that_prove_nothing_end_nothing() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    let samples = origin.v1("GET", "/v1/dev/samples?tenant=demo").send().await.json();
    let bent = format!("__Host-sg={}", samples["bent"].as_str().unwrap());
    for cookie in ["", "__Host-sg=", "__Host-sg=junk", &bent] {
        assert_eq!(sign_out(&origin, cookie).await.json(), json!({ "signed_out": false }), "{cookie}");
    }
    assert_eq!(origin.browser("POST", "/auth/logout").send().await.json(), json!({ "signed_out": false }));
    assert_eq!(origin.check(&minted.id).await, "live");
}

#[tokio::test]
async fn every_session_that_the_browser_holds_is_ended() {
    let origin = Origin::start().await;
    let (one, two) = (origin.mint().await, origin.mint().await);
    sign_out(&origin, &format!("{}; {}", one.cookie, two.cookie)).await;
    assert_eq!((origin.check(&one.id).await.as_str(), origin.check(&two.id).await.as_str()), ("revoked", "revoked"));
}

#[tokio::test]
async fn a_form_is_sent_home_and_a_script_gets_json() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    let ask = origin.browser("POST", "/auth/logout").cookie(&minted.cookie);
    let answer = ask.header("accept", "text/html,application/xhtml+xml,*/*;q=0.8").send().await;
    assert_eq!((answer.status.as_u16(), answer.headers["location"].to_str().unwrap()), (303, "/"));
    assert_eq!(answer.set_cookies(), CLEARED);
    assert_eq!(origin.check(&minted.id).await, "revoked");
}

#[tokio::test]
async fn another_site_cannot_sign_anybody_out() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    let ask = || origin.browser("POST", "/auth/logout").cookie(&minted.cookie);
    ask().header("sec-fetch-site", "cross-site").refused(403, "cross_site").await;
    ask().header("sec-fetch-site", "same-site").refused(403, "cross_site").await;
    ask().header("origin", "https://evil.test").refused(403, "cross_site").await;
    assert_eq!(origin.check(&minted.id).await, "live");
    let answer = ask().header("sec-fetch-site", "same-origin").header("origin", "https://demo.test").send().await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn only_posts_sign_out() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    for method in ["GET", "HEAD", "PUT", "DELETE"] {
        let answer = origin.browser(method, "/auth/logout").cookie(&minted.cookie).send().await;
        assert_eq!((answer.status.as_u16(), answer.headers["allow"].to_str().unwrap()), (405, "POST"), "{method}");
    }
    assert_eq!(origin.check(&minted.id).await, "live");
}
