//! Signing out another device, all others, or everywhere.

use std::time::Duration;

use reqwest::Method;
use sealgate_test_database::Engine;
use sealgate_tests::browser::Browser;
use serde_json::json;

use super::{ids, path_of};
use crate::refresh::{ACCESS, REFRESH, World, expect_in, expect_out, names_set};

const BOUND: Duration = Duration::from_millis(1_001);

async fn delete(browser: &mut Browser, path: &str) -> sealgate_tests::browser::Answer {
    browser.send(Method::DELETE, path, String::new()).await
}

async fn one(engine: Engine) {
    let world = World::start_on(engine, |_| {}, |_| {}).await;
    let elsewhere = world.stack.another_edge().await;
    let (mut a, _) = world.signed_in("ada").await;
    let (mut b, other) = world.signed_in("ada").await;
    let (mut bob, bobs) = world.signed_in("bob").await;
    b = b.at(elsewhere.address());
    for browser in [&mut a, &mut b] {
        assert_eq!(browser.get("/").await.status, 200);
    }
    assert_eq!(delete(&mut bob, &path_of(&other)).await.status, 404, "another's is not there");
    assert_eq!(world.revoked_reason(&other).await, None);

    let ended = delete(&mut a, &path_of(&other)).await;
    assert_eq!((ended.status.as_u16(), ended.json()), (200, json!({ "revoked": 1 })));
    assert!(names_set(&ended).is_empty(), "A stays: {ended:?}");
    world.stack.advance(BOUND).await;
    elsewhere.set_clock(world.stack.now()).await;
    expect_out(&b.get("/").await, "revoked", "B's next click, wherever it comes to");
    assert_eq!(a.get("/").await.status, 200);
    assert_eq!(ids(&mut a).await.len(), 1);
    assert_eq!(world.revoked_reason(&other).await.as_deref(), Some("sign_out"));
    let again = delete(&mut a, &path_of(&other)).await;
    assert!(matches!(again.status.as_u16(), 200 | 404), "{again:?}");

    // Long after, when its access token is dead: the refresh token brings nothing back.
    world.expire().await;
    elsewhere.set_clock(world.stack.now()).await;
    expect_out(&b.get("/").await, "revoked", "B, a quarter of an hour later");
    expect_in(&bob.get("/").await, &bobs, "bob");
}

#[tokio::test]
async fn a_device_that_is_signed_out_by_another_is_refused_within_the_bound() {
    one(Engine::Sqlite).await;
}

#[tokio::test]
async fn a_device_that_is_signed_out_by_another_is_refused_within_the_bound_on_postgres() {
    one(Engine::Postgres).await;
}

async fn all(engine: Engine) {
    let world = World::start_on(engine, |_| {}, |_| {}).await;
    let (mut here, session) = world.signed_in("ada").await;
    let mut others = Vec::new();
    for _ in 0..4 {
        others.push(world.signed_in("ada").await.0);
    }
    let (mut bob, bobs) = world.signed_in("bob").await;
    let ended = delete(&mut here, "/auth/sessions?except=current").await;
    assert_eq!((ended.status.as_u16(), ended.json()), (200, json!({ "revoked": 4 })), "{ended:?}");
    world.stack.advance(BOUND).await;
    for (number, other) in others.iter_mut().enumerate() {
        expect_out(&other.get("/").await, "revoked", &format!("device {number}"));
    }
    expect_in(&here.get("/").await, &session, "this one");

    let (mut phone, _) = world.signed_in("ada").await;
    let ended = delete(&mut here, "/auth/sessions").await;
    assert_eq!((ended.status.as_u16(), ended.json()), (200, json!({ "revoked": 2 })), "{ended:?}");
    for name in [ACCESS, REFRESH] {
        assert!(!here.cookies.contains_key(name), "{name} is removed: {ended:?}");
    }
    world.stack.advance(BOUND).await;
    expect_out(&phone.get("/").await, "revoked", "everywhere");
    expect_out(&here.get("/").await, "missing", "here, too");
    expect_in(&bob.get("/").await, &bobs, "bob");
}

#[tokio::test]
async fn all_others_and_all() {
    all(Engine::Sqlite).await;
}

#[tokio::test]
async fn all_others_and_all_on_postgres() {
    all(Engine::Postgres).await;
}

/// Whoever comes with an expired token is refreshed before they are asked who they are.
#[tokio::test]
async fn an_expired_token_signs_out_other_devices_too() {
    let world = World::start().await;
    let (mut here, session) = world.signed_in("ada").await;
    let (mut there, other) = world.signed_in("ada").await;
    world.expire().await;
    let ended = delete(&mut here, &path_of(&other)).await;
    assert_eq!((ended.status.as_u16(), ended.json()), (200, json!({ "revoked": 1 })), "{ended:?}");
    world.stack.advance(BOUND).await;
    expect_in(&here.get("/").await, &session, "here");
    expect_out(&there.get("/").await, "revoked", "there");
}
