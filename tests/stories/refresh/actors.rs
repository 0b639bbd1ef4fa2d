//! What is known of somebody changes, and travels in the identity headers after the next refresh, or at once.

use std::time::Duration;

use reqwest::Method;
use sealgate_test_database::Engine;
use sealgate_tests::browser::Answer;
use serde_json::{Value, json};

use super::{World, expect_in, generation_of};

fn told(answer: &Answer) -> (String, String) {
    let header = |name: &str| answer.seen(name).unwrap_or_default();
    (header("x-sealgate-roles"), header("x-sealgate-assurance"))
}

fn pair(roles: &str, assurance: &str) -> (String, String) {
    (roles.to_owned(), assurance.to_owned())
}

async fn patch(world: &World, path: &str, body: Value) -> Answer {
    let answer = world.stack.origin.ask(Method::PATCH, path, Some(body)).await;
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    answer
}

async fn change(engine: Engine) {
    let world = World::start_on(engine, |_| {}, |_| {}).await;
    let fields = json!({ "roles": ["reader"], "assurance": 1 });
    let (mut ada, session) = world.signed_in_with("ada", fields.clone()).await;
    let (mut phone, phones) = world.signed_in_with("ada", fields).await;
    let (mut bob, bobs) = world.signed_in("bob").await;
    assert_eq!(told(&ada.get("/").await), pair("reader", "1"));
    assert_eq!(phone.get("/").await.status, 200);
    let bobs_before = told(&bob.get("/").await);

    // At the next refresh.
    patch(&world, "/v1/actors/user/ada", json!({ "roles": ["admin", "writer"] })).await;
    assert_eq!(told(&ada.get("/").await), pair("reader", "1"), "the token says what it said");
    world.expire().await;
    assert_eq!(told(&ada.get("/").await), pair("admin,writer", "1"));
    assert_eq!(told(&phone.get("/").await), pair("admin,writer", "1"), "on every device");

    // At once: within the bound, and nobody is signed out.
    patch(&world, "/v1/actors/user/ada?now=true", json!({ "roles": [], "assurance": 3 })).await;
    world.stack.advance(Duration::from_millis(1_001)).await;
    for (browser, session, name) in [(&mut ada, &session, "the laptop"), (&mut phone, &phones, "the phone")] {
        let before = generation_of(browser);
        let answer = browser.get("/").await;
        expect_in(&answer, session, name);
        assert_eq!(told(&answer), pair("", "3"), "{name}");
        assert_eq!(generation_of(browser), before + 1, "{name} was refreshed");
        expect_in(&browser.get("/").await, session, name);
        assert_eq!(generation_of(browser), before + 1, "{name} is refreshed once");
    }
    let bobs_now = bob.get("/").await;
    expect_in(&bobs_now, &bobs, "somebody else");
    assert_eq!(told(&bobs_now), bobs_before);
    for session in [&session, &phones] {
        assert_eq!(world.revoked_reason(session).await, None);
    }
    assert_eq!(world.audit().await.iter().filter(|(event, _)| event == "session.reuse").count(), 0);

    // Whoever signs in later has it too, unless their sign-in says otherwise.
    world.expire().await;
    assert_eq!(told(&ada.get("/").await), pair("", "3"), "it stays");
}

#[tokio::test]
async fn roles_and_assurance_change_at_the_next_refresh_or_at_once() {
    change(Engine::Sqlite).await;
}

#[tokio::test]
async fn roles_and_assurance_change_at_the_next_refresh_or_at_once_on_postgres() {
    change(Engine::Postgres).await;
}

/// Two changes at once within a window, and tabs that still come with the token of before the first.
#[tokio::test]
async fn tabs_that_come_later_with_older_tokens_are_given_the_newest_and_nobody_is_signed_out() {
    let world = World::start().await;
    let (mut ada, session) = world.signed_in_with("ada", json!({ "roles": ["reader"] })).await;
    assert_eq!(ada.get("/").await.status, 200);
    let oldest = ada.clone();
    for (round, role) in ["one", "two", "three"].into_iter().enumerate() {
        world.stack.advance(Duration::from_secs(5)).await;
        patch(&world, "/v1/actors/user/ada?now=true", json!({ "roles": [role] })).await;
        world.stack.advance(Duration::from_millis(1_001)).await;
        let answer = ada.get("/").await;
        expect_in(&answer, &session, role);
        assert_eq!(told(&answer).0, role);
        let mut tab = oldest.clone();
        let answer = tab.get("/").await;
        expect_in(&answer, &session, &format!("an older tab in round {round}"));
        assert_eq!(told(&answer).0, role, "an older tab");
    }
    assert_eq!(world.revoked_reason(&session).await, None);
}
