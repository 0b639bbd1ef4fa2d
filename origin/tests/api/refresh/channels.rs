//! Cookies and bearer tokens: what was made for one is nothing to the other.

use std::time::Duration;

use serde_json::{Value, json};

use super::{FIREFOX, code, generation, mint, mint_bearer, refresh_token, show};
use crate::kit::{Ask, Origin};

fn post(origin: &Origin, token: &str) -> Ask {
    let ask = origin.browser("POST", "/auth/refresh").header("user-agent", FIREFOX);
    ask.json(&json!({ "refresh_token": token }))
}

#[tokio::test]
async fn a_native_client_is_given_tokens_and_no_cookie() {
    let origin = Origin::start().await;
    let minted = mint_bearer(&origin).await;
    let members = |body: &Value| body.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let expected = ["access_token", "expires_in", "refresh_token", "session", "token_type"];
    assert_eq!(members(&minted), expected);
    assert_eq!((&minted["token_type"], &minted["session"]["channel"]), (&json!("Bearer"), &json!("bearer")));
    origin.wait(Duration::from_mins(16));
    // Whatever its cookie jar says.
    let ask = post(&origin, minted["refresh_token"].as_str().unwrap()).header("sec-fetch-site", "cross-site");
    let answer = ask.cookie("__Host-sg_refresh=planted").send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.set_cookies(), Vec::<String>::new());
    let body = answer.json();
    assert_eq!(members(&body), expected);
    let lifetime = body["expires_in"].as_u64().unwrap();
    assert!((855..=900).contains(&lifetime), "{lifetime}");
    let me = origin.browser("GET", "/auth/session").bearer(body["access_token"].as_str().unwrap()).send().await;
    assert_eq!(me.json()["session"], body["session"]);
    assert_eq!(generation(&origin, body["session"]["id"].as_str().unwrap()).await, 1);
}

#[tokio::test]
async fn a_native_client_that_is_refused_is_told_in_its_own_way() {
    let origin = Origin::start().await;
    for token in ["", "r1.a.b.c.d"] {
        let answer = post(&origin, token).refused(401, "malformed").await;
        assert_eq!(answer.headers["www-authenticate"], "Bearer error=\"invalid_token\"");
    }
    let minted = mint_bearer(&origin).await;
    let path = format!("/v1/sessions/{}", minted["session"]["id"].as_str().unwrap());
    origin.v1("DELETE", &path).send().await;
    post(&origin, minted["refresh_token"].as_str().unwrap()).refused(401, "revoked").await;
}

#[tokio::test]
async fn no_refresh_token_crosses() {
    let origin = Origin::start().await;
    let (cookie, bearer) = (mint(&origin).await, mint_bearer(&origin).await);
    let (of_cookie, of_bearer) = (refresh_token(&cookie.body), bearer["refresh_token"].as_str().unwrap().to_owned());
    origin.wait(Duration::from_mins(16));
    // Cookie tokens in the body, bearer tokens in a cookie, and behind the edge's question, which is for cookies.
    post(&origin, &of_cookie).refused(401, "bad_mac").await;
    let jar = |token: &str| {
        let ask = origin.browser("POST", "/auth/refresh").header("user-agent", FIREFOX).same_site();
        ask.cookie(&format!("__Host-sg_refresh={token}"))
    };
    jar(&of_bearer).refused(401, "bad_mac").await;
    assert_eq!(code(&show(&origin, &of_bearer).await), "bad_mac");
    for id in [cookie.id.as_str(), bearer["session"]["id"].as_str().unwrap()] {
        assert_eq!(generation(&origin, id).await, 0);
        assert_eq!(origin.check(id).await, "live");
    }
    // Where they belong, both are good.
    assert_eq!(post(&origin, &of_bearer).send().await.status, 200);
    assert_eq!(jar(&of_cookie).send().await.status, 200);
}

#[tokio::test]
async fn nor_does_a_row_that_was_moved_to_the_other_channel() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    origin.database().await.execute("update sessions set channel = 'bearer'").await.unwrap();
    assert_eq!(code(&show(&origin, &refresh_token(&minted.body)).await), "revoked");
}

#[tokio::test]
async fn no_access_token_crosses() {
    let origin = Origin::start().await;
    let (cookie, bearer) = (mint(&origin).await, mint_bearer(&origin).await);
    let get = || origin.browser("GET", "/auth/session");
    let of_bearer = bearer["access_token"].as_str().unwrap();
    get().bearer(&cookie.access).refused(401, "bad_mac").await;
    get().cookie(&format!("__Host-sg={of_bearer}")).refused(401, "bad_mac").await;
    assert_eq!(get().bearer(of_bearer).send().await.status, 200);
    assert_eq!(get().cookie(&cookie.cookie).send().await.status, 200);
    // Nor does a token of one kind pass for the other kind of the same channel.
    get().cookie(&format!("__Host-sg={}", refresh_token(&cookie.body))).refused(401, "malformed").await;
    get().bearer(bearer["refresh_token"].as_str().unwrap()).refused(401, "malformed").await;
}
