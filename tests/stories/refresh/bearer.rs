//! Native clients: the same session in a header, and never in a cookie.

use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use sealgate_test_database::Engine;
use sealgate_tests::browser::{Answer, Browser};
use serde_json::{Value, json};

use super::{ACCESS, REFRESH, World, expect_in, expect_out};

struct Native {
    world: World,
    access: String,
    refresh: String,
    session: Value,
}

async fn start_on(engine: Engine) -> Native {
    let world = World::start_on(engine, |_| {}, |_| {}).await;
    let minted = world.stack.origin.mint_with("ada", json!({ "channel": "bearer" })).await;
    assert_eq!(minted["token_type"], "Bearer", "{minted}");
    assert!((855..=900).contains(&minted["expires_in"].as_u64().unwrap()), "{minted}");
    assert!(minted.get("set_cookie").is_none() && minted.get("csrf_token").is_none(), "{minted}");
    let text = |name: &str| minted[name].as_str().unwrap().to_owned();
    let (access, refresh, session) = (text("access_token"), text("refresh_token"), minted["session"].clone());
    Native { world, access, refresh, session }
}

async fn start() -> Native {
    start_on(Engine::Sqlite).await
}

impl Native {
    fn client(&self, token: &str) -> Browser {
        self.world.browser().without_fetch_metadata().with_header("authorization", &format!("Bearer {token}"))
    }

    async fn refresh(&self, body: &Value) -> Answer {
        self.send(self.world.browser().without_fetch_metadata().request(Method::POST, "/auth/refresh").json(body)).await
    }

    async fn send(&self, request: RequestBuilder) -> Answer {
        Answer::read(request.send().await.unwrap()).await
    }
}

fn expect_invalid(answer: &Answer, code: &str, what: &str) {
    expect_out(answer, code, what);
    assert_eq!(answer.header("www-authenticate"), Some("Bearer error=\"invalid_token\""), "{what}");
    assert!(answer.set_cookies().is_empty(), "{what}: {answer:?}");
}

async fn a_life(engine: Engine) {
    let mut native = start_on(engine).await;
    for generation in 1..=3 {
        let page = native.client(&native.access).get("/").await;
        expect_in(&page, &native.session, "with a bearer token");
        assert_eq!(page.seen("authorization"), None, "it stops at the edge");
        // Nothing of it is done by the browser's own accord: no question of where it comes from.
        let posted = native.client(&native.access).post("/form", "a body").await;
        expect_in(&posted, &native.session, "a post");
        let own = native.client(&native.access).get("/auth/session").await;
        assert_eq!(own.json()["session"]["id"], native.session["id"], "{own:?}");

        native.world.expire().await;
        let expired = native.client(&native.access).get("/").await;
        expect_invalid(&expired, "expired", "never refreshed behind its back");
        let person = native.client(&native.access).navigating().get("/").await;
        expect_invalid(&person, "expired", "never sent to sign in");

        let answer = native.refresh(&json!({ "refresh_token": native.refresh })).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(answer.set_cookies().is_empty(), "a body is answered in a body: {answer:?}");
        let tokens = answer.json();
        assert_eq!((&tokens["token_type"], &tokens["session"]["id"]), (&json!("Bearer"), &native.session["id"]));
        // Asked again at once: the same.
        assert_eq!(native.refresh(&json!({ "refresh_token": native.refresh })).await.json(), tokens);
        native.access = tokens["access_token"].as_str().unwrap().to_owned();
        native.refresh = tokens["refresh_token"].as_str().unwrap().to_owned();
        assert_eq!(super::generation(&native.refresh), generation);
    }
    assert_eq!(native.world.refreshes(), 0, "the edge never asks for a native client");
}

#[tokio::test]
async fn mint_use_refresh() {
    a_life(Engine::Sqlite).await;
}

#[tokio::test]
async fn mint_use_refresh_on_postgres() {
    a_life(Engine::Postgres).await;
}

#[tokio::test]
async fn what_is_good_in_one_place_is_good_in_no_other() {
    let native = start().await;
    let (ada, session) = native.world.signed_in("ada").await;
    let (cookie, refresh_cookie) = (ada.cookies[ACCESS].clone(), ada.cookies[REFRESH].clone());
    expect_in(&ada.clone().get("/").await, &session, "the browser");

    expect_invalid(&native.client(&cookie).get("/").await, "bad_mac", "a cookie's token in the header");
    let in_cookie = native.world.browser().with_cookie(ACCESS, &native.access).get("/").await;
    expect_out(&in_cookie, "bad_mac", "a native token in the cookie");
    for token in [&native.refresh, &refresh_cookie] {
        assert_eq!(native.client(token).get("/").await.status, 401, "a refresh token is no access token");
        let in_cookie = native.world.browser().with_cookie(ACCESS, token).get("/").await;
        assert_eq!(in_cookie.status, 401, "{in_cookie:?}");
    }
    for token in [&refresh_cookie, &cookie, &native.access] {
        let answer = native.refresh(&json!({ "refresh_token": token })).await;
        assert_eq!((answer.status.as_u16(), answer.set_cookies().len()), (401, 0), "{answer:?}");
        assert!(!answer.body.contains("access_token"), "{answer:?}");
    }
    let as_cookie = native.world.browser().with_cookie(REFRESH, &native.refresh);
    for answer in [as_cookie.clone().get("/").await, as_cookie.clone().post("/auth/refresh", "").await] {
        assert_eq!((answer.status.as_u16(), answer.set_cookies().len()), (401, 0), "{answer:?}");
    }
    // A body with no token in it looks at no cookie.
    let request = ada.request(Method::POST, "/auth/refresh");
    for body in [json!({}), json!({ "refresh_token": "" }), json!({ "refresh_token": native.access })] {
        let answer = native.send(request.try_clone().unwrap().json(&body)).await;
        assert!([400, 401, 422].contains(&answer.status.as_u16()), "{body}: {answer:?}");
        assert!(answer.set_cookies().is_empty(), "{body}: {answer:?}");
    }
    assert_eq!(native.world.revoked_reason(&session).await, None);
    assert_eq!(native.world.revoked_reason(&native.session).await, None);
}

#[tokio::test]
async fn a_request_with_our_bearer_token_ignores_cookies_also_when_it_fails() {
    let native = start().await;
    let (ada, session) = native.world.signed_in("ada").await;
    let with = |value: &str| ada.clone().with_header("authorization", value);
    for value in ["Bearer v1.junk", "Bearer v1.", "bearer r1.a.b.c.d", "BEARER v1.a.b.c"] {
        let answer = with(value).get("/").await;
        assert_eq!(answer.status, 401, "{value}: {answer:?}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer error=\"invalid_token\""), "{value}");
        assert!(answer.set_cookies().is_empty(), "{value}");
        assert_eq!(with(value).get("/auth/session").await.status, 401, "{value}: at the origin, too");
    }
    let page = with(&format!("bEARER {}", native.access)).get("/").await;
    expect_in(&page, &native.session, "the header's session, not the cookie's");
    let own = with(&format!("Bearer {}", native.access)).get("/auth/session").await;
    assert_eq!(own.json()["session"]["id"], native.session["id"]);
    // What is none of ours is the application's, and the cookies decide.
    for value in ["Bearer eyJhbGciOiJub25lIn0.e30.", "Basic dXNlcjpwYXNz", "Bearer v2.x", "Bearer", "Digest a=b"] {
        let page = with(value).get("/").await;
        expect_in(&page, &session, value);
        assert_eq!(page.seen("authorization").as_deref(), Some(value));
    }
}

#[tokio::test]
async fn signing_out_and_reuse_are_for_native_clients_too() {
    let native = start().await;
    let signed_out = native.client(&native.access).post("/auth/logout", "").await;
    assert_eq!(signed_out.status, 200, "{signed_out:?}");
    assert_eq!(signed_out.json(), json!({ "signed_out": true }));
    native.world.stack.advance(Duration::from_millis(1)).await;
    expect_invalid(&native.client(&native.access).get("/").await, "revoked", "after signing out");
    let refused = native.refresh(&json!({ "refresh_token": native.refresh })).await;
    expect_out(&refused, "revoked", "and refreshing");

    let minted = native.world.stack.origin.mint_with("bob", json!({ "channel": "bearer" })).await;
    let stolen = minted["refresh_token"].clone();
    let mut token = stolen.clone();
    for _ in 0..2 {
        native.world.expire().await;
        let answer = native.refresh(&json!({ "refresh_token": token })).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        token = answer.json()["refresh_token"].clone();
    }
    let thief = native.refresh(&json!({ "refresh_token": stolen })).await;
    expect_out(&thief, "reuse", "the thief");
    let owner = native.refresh(&json!({ "refresh_token": token })).await;
    expect_out(&owner, "revoked", "the owner");
    let events = native.world.audit().await;
    assert_eq!(events, [("session.reuse".to_owned(), minted["session"]["id"].as_str().unwrap().to_owned())]);
}
