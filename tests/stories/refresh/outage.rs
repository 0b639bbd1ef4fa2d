//! Whatever is broken, nobody is signed out for it.

use std::time::Duration;

use sealgate_test_database::Engine;
use sealgate_tests::relay::Document;
use sealgate_tests::stack::Stack;
use serde_json::json;

use super::{LIFETIME, World, expect_in, expect_new_cookies};
use crate::panics;

#[tokio::test]
async fn without_the_origin_it_is_503_and_the_cookies_are_kept() {
    let mut stack = Stack::start().await;
    let (mut ada, session) = stack.signed_in("ada").await;
    expect_in(&ada.get("/").await, &session, "at first");
    stack.origin.stop().await;
    stack.advance(LIFETIME).await;
    let cookies = ada.cookies.clone();
    for _ in 0..3 {
        let answer = ada.get("/").await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (503, "origin_unavailable"));
        assert!(answer.set_cookies().is_empty(), "{answer:?}");
        let asked = ada.post("/auth/refresh", "").await;
        assert_eq!((asked.status.as_u16(), asked.set_cookies().len()), (503, 0), "{asked:?}");
    }
    let person = ada.clone().navigating().get("/").await;
    assert!(person.status == 503 && person.body.contains("You are still signed in"), "{person:?}");
    assert_eq!(ada.cookies, cookies);
}

/// Answers that are none, from an origin that is broken or from something in its place.
#[tokio::test]
async fn an_answer_that_is_none_signs_nobody_out() {
    let world = World::start().await;
    let (mut ada, session) = world.signed_in("ada").await;
    expect_in(&ada.get("/").await, &session, "at first");
    world.expire().await;
    let cookies = ada.cookies.clone();
    for (status, body) in [
        (500, ""),
        (503, "{\"code\":\"unavailable\"}"),
        (502, "<html>bad gateway</html>"),
        (401, "{\"code\":\"edge_credential\"}"),
        (403, ""),
        (404, "{\"status\":\"refused\",\"code\":\"revoked\",\"keyring\":1}"),
        (200, ""),
        (200, "null"),
        (200, "{}"),
        (200, "{\"status\":\"refused\"}"),
        (200, "{\"status\":\"refreshed\",\"keyring\":1}"),
        (
            200,
            "{\"status\":\"refreshed\",\"access_token\":\"v1.a.b.c\",\"refresh_token\":\"r1.a.b.c.d\",\"set_cookie\":[],\"keyring\":1}",
        ),
        (302, ""),
    ] {
        let body = body.to_owned();
        world.back.bend(move |exchange| {
            let is_refresh = exchange.path.contains("/internal/refresh");
            if is_refresh { Document::new(status, body.clone()) } else { exchange.answer.clone() }
        });
        let answer = ada.get("/").await;
        assert_eq!((answer.status.as_u16(), answer.set_cookies().len()), (503, 0), "{status}: {answer:?}");
        assert_eq!(ada.cookies, cookies);
    }
    world.back.straighten();
    expect_in(&ada.get("/").await, &session, "when it is mended");
}

/// Nobody's answer is taken for another's: a token of somebody else, however good, is none of an answer to this question.
#[tokio::test]
async fn an_answer_with_somebody_elses_tokens_lets_nobody_in() {
    let world = World::start().await;
    let (mut ada, _) = world.signed_in("ada").await;
    let (mut bob, bobs) = world.signed_in("bob").await;
    world.expire().await;
    expect_in(&bob.get("/").await, &bobs, "bob");
    let bobs_answer =
        world.back.passed().into_iter().rev().find(|exchange| exchange.path.contains("/internal/refresh"));
    let document = bobs_answer.unwrap().answer;
    world.back.bend(move |exchange| {
        let is_refresh = exchange.path.contains("/internal/refresh");
        if is_refresh { document.clone() } else { exchange.answer.clone() }
    });
    let answer = ada.get("/").await;
    assert_eq!((answer.status.as_u16(), answer.set_cookies().len()), (503, 0), "{answer:?}");
}

#[tokio::test]
async fn without_the_database_it_is_503_and_the_cookies_are_kept() {
    let world = World::start_on(Engine::Postgres, |_| {}, |_| {}).await;
    let (mut ada, session) = world.signed_in("ada").await;
    expect_in(&ada.get("/").await, &session, "at first");
    let database = world.stack.database().unwrap().postgres().unwrap();
    // As if it were gone for whoever refreshes: what they look for is not there for a while.
    sqlx::query("alter table sessions rename to elsewhere").execute(&mut database.connect().await).await.unwrap();
    world.expire().await;
    let cookies = ada.cookies.clone();
    let answer = ada.get("/").await;
    assert_eq!((answer.status.as_u16(), answer.set_cookies().len()), (503, 0), "{answer:?}");
    assert_eq!(ada.cookies, cookies);
    sqlx::query("alter table elsewhere rename to sessions").execute(&mut database.connect().await).await.unwrap();
    let back = ada.get("/").await;
    expect_in(&back, &session, "when it is back");
    expect_new_cookies(&back, "when it is back");
}

/// An edge whose clock is behind takes no tokens from the future, and whoever holds one keeps it.
#[tokio::test]
async fn an_edge_whose_clock_is_behind_signs_nobody_out() {
    let world = World::start().await;
    let (mut ada, session) = world.signed_in("ada").await;
    expect_in(&ada.get("/").await, &session, "at first");
    world.expire().await;
    world.stack.edge.set_clock(world.stack.now().minus(6_000)).await;
    let before = ada.cookies.clone();
    let page = ada.get("/").await;
    // By its own clock the old token may be good still.
    assert!(matches!(page.status.as_u16(), 200 | 503), "{page:?}");
    world.stack.advance(LIFETIME).await;
    world.stack.edge.set_clock(world.stack.now().minus(6_000)).await;
    let page = ada.get("/").await;
    assert_eq!((page.status.as_u16(), page.code().as_str()), (503, "origin_unavailable"), "{page:?}");
    assert_eq!(ada.cookies.len(), before.len(), "what it brings is what will be good in a moment");
    world.stack.edge.set_clock(world.stack.now().minus(4_000)).await;
    expect_in(&ada.get("/").await, &session, "within the leeway");
}

#[tokio::test]
async fn after_a_panic_of_the_module_a_session_is_refreshed_as_ever() {
    let stack = panics::start_with(|_| {}).await;
    let (mut ada, session) = stack.signed_in("ada").await;
    let (eve, eves) = stack.signed_in("eve").await;
    expect_in(&ada.get("/").await, &session, "at first");
    for place in panics::PLACES {
        stack.advance(LIFETIME).await;
        panics::panic_at(&stack, place).await;
        let answer = ada.get("/").await;
        expect_in(&answer, &session, &format!("after a panic at {place}"));
        expect_new_cookies(&answer, "after a panic");

        // And when it is the refresh itself that dies: whoever asked is answered somehow, and has lost nothing.
        stack.advance(LIFETIME).await;
        assert_eq!(stack.edge.call("provoke", json!([place])).await, "");
        let cookies = ada.cookies.clone();
        let answer = ada.get("/").await;
        assert!(matches!(answer.status.as_u16(), 200 | 500 | 503), "{answer:?}");
        assert!(ada.cookies.len() == cookies.len(), "no cookie is gone: {answer:?}");
        expect_in(&ada.get("/").await, &session, &format!("after a refresh that panicked at {place}"));
    }
    stack.origin.revoke(&eves).await;
    stack.advance(Duration::from_millis(1_001)).await;
    assert_eq!(eve.clone().get("/").await.status, 401);
}
