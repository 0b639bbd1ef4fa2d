//! A stolen refresh token is noticed when both use it.

use std::time::Duration;

use sealgate_test_database::Engine;
use sealgate_tests::browser::Browser;
use sealgate_tests::stack::DEMO;

use super::{WINDOW, World, expect_in, expect_out};

/// The bound: nothing older than a second decides.
const BOUND: Duration = Duration::from_millis(1_001);

async fn a_thief_comes_after_the_owner(engine: Engine) {
    let world = World::start_on(engine, |_| {}, |_| {}).await;
    let elsewhere = world.stack.another_edge().await;
    let (mut ada, session) = world.signed_in("ada").await;
    let (mut bob, bobs) = world.signed_in("bob").await;
    let thief = ada.clone();
    for _ in 0..2 {
        world.expire().await;
        expect_in(&ada.get("/").await, &session, "the owner");
    }
    // On another day, in another place.
    elsewhere.set_clock(world.stack.now()).await;
    let mut far = Browser::new(elsewhere.address(), DEMO);
    far.cookies.clone_from(&thief.cookies);
    for attempt in 0..5 {
        expect_out(&far.get("/").await, "revoked", &format!("the thief's attempt {attempt}"));
        expect_out(&thief.clone().get("/").await, "revoked", "and at another isolate");
    }
    world.stack.advance(BOUND).await;
    expect_out(&ada.get("/").await, "revoked", "the owner, who signs in again");
    assert_eq!(world.revoked_reason(&session).await.as_deref(), Some("reuse"));
    let once = [("session.reuse".to_owned(), session["id"].as_str().unwrap().to_owned())];
    assert_eq!(world.audit().await, once);

    world.expire().await;
    expect_out(&ada.get("/").await, "revoked", "the owner, an access token later");
    expect_out(&far.get("/").await, "revoked", "and the thief");
    assert_eq!(world.audit().await, once);
    expect_in(&bob.get("/").await, &bobs, "nobody else is concerned");
}

#[tokio::test]
async fn a_stolen_token_used_after_the_owners_later_refreshes_ends_the_session() {
    a_thief_comes_after_the_owner(Engine::Sqlite).await;
}

#[tokio::test]
async fn a_stolen_token_used_after_the_owners_later_refreshes_ends_the_session_on_postgres() {
    a_thief_comes_after_the_owner(Engine::Postgres).await;
}

/// The thief comes first: the owner's token is the older one then.
#[tokio::test]
async fn a_thief_who_comes_first_is_noticed_when_the_owner_comes() {
    let world = World::start().await;
    let (mut ada, session) = world.signed_in("ada").await;
    let mut thief = ada.clone();
    for _ in 0..2 {
        world.expire().await;
        expect_in(&thief.get("/").await, &session, "the thief");
    }
    expect_out(&ada.get("/").await, "revoked", "the owner");
    world.stack.advance(BOUND).await;
    expect_out(&thief.get("/").await, "revoked", "the thief");
    assert_eq!(world.audit().await.len(), 1);
}

/// Within the window the same device is given the same again, and another device ends the session.
#[tokio::test]
async fn another_device_within_the_window_ends_the_session() {
    let world = World::start().await;
    let firefox = |browser: Browser| browser.with_header("user-agent", "Mozilla/5.0 Firefox/140.0");
    let (ada, session) = world.signed_in("ada").await;
    world.expire().await;
    let (mut owner, mut tab) = (firefox(ada.clone()), firefox(ada.clone()));
    expect_in(&owner.get("/").await, &session, "the owner, whose browser is known from now on");
    world.expire().await;
    let mut thief = owner.clone();
    tab.cookies.clone_from(&owner.cookies);
    expect_in(&owner.get("/").await, &session, "the owner");
    world.stack.advance(WINDOW / 2).await;
    expect_in(&tab.get("/").await, &session, "another tab");
    assert_eq!(tab.cookies, owner.cookies, "the very same");
    thief = Browser::new(world.front.address(), DEMO)
        .with_header("user-agent", "curl/8")
        .with_cookie(super::REFRESH, &thief.cookies[super::REFRESH]);
    expect_out(&thief.get("/").await, "revoked", "another device");
    assert_eq!(world.revoked_reason(&session).await.as_deref(), Some("reuse"));
    world.stack.advance(BOUND).await;
    expect_out(&owner.get("/").await, "revoked", "the owner");
}
