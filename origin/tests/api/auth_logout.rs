//! `POST /auth/logout`.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sealgate_shared::keyring::KeyMaterial;
use sealgate_shared::refresh::SealedRefresh;
use serde_json::{Value, json};
use sha2::Sha256;

use super::internal_keyring::open_ring;
use crate::kit::{Answer, Minted, Origin, bend};

pub(crate) const CLEARED: [&str; 4] = [
    "__Host-sg=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0",
    "__Host-sg_refresh=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0",
    "__Host-sg_csrf=; Path=/; Secure; SameSite=Lax; Max-Age=0",
    "__Host-sg_login=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0",
];

async fn sign_out(origin: &Origin, cookie: &str) -> Answer {
    let answer = origin.browser("POST", "/auth/logout").same_site().cookie(cookie).send().await;
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
    let ask = origin.browser("POST", "/auth/logout").same_site().cookie(&minted.cookie);
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

/// The value of a `Cookie` header with nothing but the refresh token.
fn refresh_cookie(minted: &Minted) -> String {
    let lines = minted.body["set_cookie"].as_array().unwrap();
    let line = lines.iter().filter_map(Value::as_str).find(|line| line.starts_with("__Host-sg_refresh=")).unwrap();
    line.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_refresh_token_signs_out_where_the_access_token_is_gone() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    let other = origin.mint().await;
    origin.wait(Duration::from_mins(59));
    let cookie = refresh_cookie(&minted);
    assert_eq!(sign_out(&origin, &cookie).await.json(), json!({ "signed_out": true }));
    assert_eq!(origin.check(&minted.id).await, "revoked");
    // Also one whose session would be over by itself.
    origin.wait(Duration::from_hours(2));
    assert_eq!(sign_out(&origin, &refresh_cookie(&other)).await.json(), json!({ "signed_out": true }));
}

/// Puts the outer MAC behind a text, as an edge that leaked could.
async fn forge_outer(origin: &Origin, text: &str) -> String {
    let kid = SealedRefresh::parse(&format!("{text}.{}", "A".repeat(43))).unwrap().kid();
    let ring = open_ring(origin).await;
    let key = ring.keys.iter().find(|key| key.id == kid).unwrap();
    let KeyMaterial::Verifying(_, sessions) = &key.material else { panic!("{key:?}") };
    let mac = Hmac::<Sha256>::new_from_slice(sessions.refresh_filter.expose()).unwrap().chain_update(text);
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

#[tokio::test]
async fn a_refresh_token_that_the_origin_did_not_make_ends_nothing() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    let cookie = refresh_cookie(&minted);
    let (start, outer) = cookie.rsplit_once('.').unwrap();
    let (body, inner) = start.rsplit_once('.').unwrap();
    // The outer MAC, which edges can make, holds over an inner one that is wrong; and the other way round.
    let forged = forge_outer(&origin, &format!("{}.{}", body.split_once('=').unwrap().1, bend(inner))).await;
    for cookie in [format!("{start}.{}", bend(outer)), format!("__Host-sg_refresh={forged}")] {
        assert_eq!(sign_out(&origin, &cookie).await.json(), json!({ "signed_out": false }), "{cookie}");
    }
    assert_eq!(origin.check(&minted.id).await, "live");
}

#[tokio::test]
async fn the_browser_forgets_what_the_site_has_stored_if_the_operator_wishes() {
    let origin = Origin::start().await;
    assert!(!sign_out(&origin, "").await.headers.contains_key("clear-site-data"));
    let origin = Origin::start_with(|config| config.clear_site_data = true).await;
    let minted = origin.mint().await;
    let answer = sign_out(&origin, &minted.cookie).await;
    assert_eq!(answer.headers["clear-site-data"], "\"cache\", \"cookies\", \"storage\"");
}
