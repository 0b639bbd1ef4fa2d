//! Tokens that the origin did not make die at the edge, and those that it refuses are remembered there.

use std::time::Duration;

use sealgate_tests::browser::Browser;
use sealgate_tests::stack::OTHER;

use super::{ACCESS, REFRESH, World, expect_in, expect_out};

fn with_refresh(world: &World, token: &str) -> Browser {
    world.browser().with_cookie(REFRESH, token)
}

#[tokio::test]
async fn a_flood_of_forged_tokens_costs_the_origin_nothing() {
    let world = World::start().await;
    let (mut ada, session) = world.signed_in("ada").await;
    world.expire().await;
    expect_in(&ada.get("/").await, &session, "a good one");
    let good = ada.cookies[REFRESH].clone();
    let (asked, refreshes) = (world.stack.origin.requests().await, world.refreshes());
    for position in 3..good.len() {
        let mut bent = good.clone().into_bytes();
        bent[position] = match bent[position] {
            b'A' => b'B',
            _ => b'A',
        };
        let forged = String::from_utf8(bent).unwrap();
        let answer = with_refresh(&world, &forged).get("/").await;
        assert_eq!(answer.status, 401, "{forged}: {answer:?}");
        assert!(answer.set_cookies().is_empty(), "nobody is signed out: {answer:?}");
    }
    assert_eq!(world.refreshes(), refreshes, "no forged token is shown to the origin");
    // A kid that nobody knows is a reason to ask for keys, seldom.
    let keys = world.stack.origin.requests().await - asked;
    assert!(keys <= 2, "{keys} requests");
}

#[tokio::test]
async fn another_tenants_token_and_a_native_clients_are_forgeries_here() {
    let world = World::start().await;
    let (ada, _) = world.signed_in("ada").await;
    let mut elsewhere = Browser::new(world.front.address(), OTHER).with_cookie(REFRESH, &ada.cookies[REFRESH]);
    assert_eq!(elsewhere.get("/").await.status, 401);
    let native = world.stack.origin.mint_with("ada", serde_json::json!({ "channel": "bearer" })).await;
    let answer = with_refresh(&world, native["refresh_token"].as_str().unwrap()).get("/").await;
    assert_eq!(answer.status, 401, "{answer:?}");
    let answer = world.browser().with_cookie(ACCESS, native["access_token"].as_str().unwrap()).get("/").await;
    expect_out(&answer, "bad_mac", "a native client's access token");
    assert_eq!(world.refreshes(), 0);
}

#[tokio::test]
async fn what_the_origin_has_refused_is_asked_once() {
    let world = World::start().await;
    let (ada, session) = world.signed_in("ada").await;
    world.stack.origin.revoke(&session).await;
    world.expire().await;
    // Long enough for the feed to have forgotten it: its tokens are all dead.
    world.stack.advance(Duration::from_mins(20)).await;
    for _ in 0..50 {
        let answer = ada.clone().get("/").await;
        assert_eq!(answer.status, 401, "{answer:?}");
        assert_eq!(answer.code(), "revoked");
    }
    assert!(world.refreshes() <= 1, "{} refreshes", world.refreshes());
    let (mut bob, bobs) = world.signed_in("bob").await;
    world.expire().await;
    expect_in(&bob.get("/").await, &bobs, "somebody else");
}
