//! A refresh that nobody notices: one call to the origin, and the page arrives with new cookies.

use std::time::Duration;

use reqwest::Method;
use sealgate_test_database::Engine;
use serde_json::json;

use super::{ACCESS, CSRF, REFRESH, World, expect_in, expect_new_cookies, expect_out, generation_of, names_set};

async fn a_page_arrives_with_new_cookies(engine: Engine) {
    let world = World::start_on(engine, |_| {}, |_| {}).await;
    let (mut ada, session) = world.signed_in("ada").await;
    expect_in(&ada.get("/page").await, &session, "at first");
    let before = ada.cookies.clone();
    for generation in 1..=3 {
        world.expire().await;
        let page = ada.get("/page?q=1").await;
        expect_in(&page, &session, "with an expired token");
        expect_new_cookies(&page, "with an expired token");
        assert_eq!(page.json()["target"], "/page?q=1");
        assert_eq!((generation_of(&ada), world.refreshes()), (generation, generation as usize));
        assert_eq!(ada.cookies[CSRF], before[CSRF], "the same in every tab, as long as the key is the same");
        assert!(ada.cookies[ACCESS] != before[ACCESS] && ada.cookies[REFRESH] != before[REFRESH]);

        let again = ada.get("/page").await;
        expect_in(&again, &session, "with a new token");
        assert_eq!((names_set(&again).len(), world.refreshes()), (0, generation as usize), "{again:?}");
    }
    assert!(!page_mentions_tokens(&ada.get("/page").await.body), "our cookies stop at the edge");
}

fn page_mentions_tokens(body: &str) -> bool {
    body.contains("r1.") || body.contains("\"v1.")
}

#[tokio::test]
async fn a_page_arrives_with_new_cookies_after_one_call() {
    a_page_arrives_with_new_cookies(Engine::Sqlite).await;
}

#[tokio::test]
async fn a_page_arrives_with_new_cookies_after_one_call_on_postgres() {
    a_page_arrives_with_new_cookies(Engine::Postgres).await;
}

#[tokio::test]
async fn whoever_asks_is_refreshed_a_script_a_person_and_the_origins_own_pages() {
    let world = World::start().await;
    let (ada, session) = world.signed_in("ada").await;
    world.expire().await;
    let person = ada.clone().navigating().get("/page").await;
    expect_in(&person, &session, "a person");
    expect_new_cookies(&person, "a person");
    for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
        let answer = ada.clone().send(method.clone(), "/thing", "a body".to_owned()).await;
        expect_in(&answer, &session, method.as_str());
        expect_new_cookies(&answer, method.as_str());
    }
    let own = ada.clone().get("/auth/session").await;
    assert_eq!(own.json()["session"]["id"], session["id"]);
    expect_new_cookies(&own, "the origin's own");
    assert_eq!(world.stack.browser().get("/auth/session").await.code(), "missing");
}

#[tokio::test]
async fn where_no_session_is_looked_at_none_is_refreshed() {
    let world = World::start().await;
    let (mut ada, _) = world.signed_in("ada").await;
    world.expire().await;
    let public = ada.get("/public").await;
    assert_eq!((public.status.as_u16(), names_set(&public).len()), (200, 0));
    assert_eq!(world.refreshes(), 0);
}

#[tokio::test]
async fn without_a_refresh_token_it_is_expired_and_without_an_access_token_it_is_refreshed() {
    let world = World::start().await;
    let (mut ada, session) = world.signed_in("ada").await;
    let mut without = ada.clone();
    without.cookies.remove(REFRESH);
    ada.cookies.remove(ACCESS);
    let page = ada.get("/").await;
    expect_in(&page, &session, "the refresh token alone");
    expect_new_cookies(&page, "the refresh token alone");
    assert_eq!(generation_of(&ada), 0, "it is young: the same tokens again");
    world.expire().await;
    expect_out(&without.get("/").await, "expired", "the access token alone");
}

#[tokio::test]
async fn a_script_may_ask_for_it_and_gets_no_token_to_read() {
    let world = World::start().await;
    let (mut ada, session) = world.signed_in("ada").await;
    world.expire().await;
    let answer = ada.post("/auth/refresh", "").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    expect_new_cookies(&answer, "asked for");
    assert_eq!(answer.json()["session"]["id"], session["id"]);
    assert_eq!(answer.json()["csrf_token"], ada.cookies[CSRF]);
    assert!(!page_mentions_tokens(&answer.body), "{answer:?}");
    assert_eq!((generation_of(&ada), world.refreshes()), (1, 0), "the origin was asked itself");
    // What changes something at the origin may have ended the session: what was known before then does not count.
    world.stack.advance(Duration::from_millis(1)).await;
    expect_in(&ada.get("/").await, &session, "with what came");

    let nobody = world.browser().post("/auth/refresh", "").await;
    expect_out(&nobody, "missing", "without a refresh token");
    assert!(nobody.set_cookies().is_empty());
}

#[tokio::test]
async fn the_answer_to_head_and_to_an_error_of_the_application_brings_cookies_too() {
    let world = World::start().await;
    let (ada, session) = world.signed_in("ada").await;
    world.expire().await;
    let head = ada.clone().send(Method::HEAD, "/", String::new()).await;
    assert_eq!(head.status, 200);
    expect_new_cookies(&head, "HEAD");
    let own = ada.clone().with_header("x-answer-with", "set-cookie: theme=dark").get("/").await;
    expect_in(&own, &session, "with a cookie of the application's");
    assert!(own.set_cookies().contains(&"theme=dark".to_owned()), "{own:?}");
    expect_new_cookies(&own, "with a cookie of the application's");
    let cached = ada.clone().with_header("x-answer-with", "cache-control: max-age=60").get("/").await;
    expect_new_cookies(&cached, "what the application would have had kept");
}

#[tokio::test]
async fn lifetimes_of_sibling_tabs_are_spread_downwards_by_what_does_not_change() {
    let world = World::start().await;
    let mut lifetimes = Vec::new();
    for number in 0..12 {
        let (mut browser, session) = world.signed_in(&format!("person-{number}")).await;
        let page = browser.get("/").await;
        expect_in(&page, &session, "anybody");
        let expires: u64 = page.seen("x-sealgate-expires-at").unwrap().parse().unwrap();
        lifetimes.push(expires - world.stack.now().as_u64() / 1_000);
    }
    assert!(lifetimes.iter().all(|&seconds| (855..=900).contains(&seconds)), "{lifetimes:?}");
    lifetimes.sort_unstable();
    lifetimes.dedup();
    assert!(lifetimes.len() > 3, "{lifetimes:?}");
    let fresh = world.stack.origin.mint_with("ada", json!({ "remember": true })).await;
    assert_eq!(fresh["set_cookie"].as_array().unwrap().len(), 3);
}
