//! An isolate that holds no set decides nothing, and those who wait for one share their questions.

use std::time::Duration;

use reqwest::StatusCode;
use sealgate_tests::raw;
use sealgate_tests::relay::Document;
use sealgate_tests::stack::DEMO;
use sealgate_tests::wait::until;
use tokio::io::AsyncWriteExt as _;

use super::{age, at, expect_revoked, start_with_relay};

#[tokio::test]
async fn an_isolate_that_holds_no_set_lets_nobody_in() {
    let (stack, relay) = start_with_relay(|_| {}).await;
    let (mut ada, _) = stack.signed_in("ada").await;
    let (mut bob, session) = stack.signed_in("bob").await;
    stack.origin.revoke(&session).await;
    relay.bend(|exchange| if exchange.is_head() { Document::new(500, "") } else { exchange.answer.clone() });
    for _ in 0..3 {
        for browser in [&mut ada, &mut bob] {
            super::expect_unavailable(&browser.get("/").await, "the keys alone decide nothing");
        }
        stack.advance(Duration::from_secs(1)).await;
    }
    assert_eq!((relay.count("/internal/keyring"), stack.upstream.requests()), (1, 0), "it does hold the keys");
    relay.straighten();
    expect_revoked(&bob.get("/").await, "with the first head");
    assert_eq!(age(&ada.get("/").await), 0);
}

#[tokio::test]
async fn requests_at_once_share_the_head_that_they_wait_for() {
    let (stack, relay) = start_with_relay(|_| {}).await;
    let (mut ada, _) = stack.signed_in("ada").await;
    assert_eq!(age(&ada.get("/").await), 0);
    for round in 1..=3 {
        stack.advance(Duration::from_millis(1_001)).await;
        let mut holding = relay.hold();
        let requests: Vec<_> = (0..50)
            .map(|_| {
                let mut ada = ada.clone();
                tokio::spawn(async move { age(&ada.get("/").await) })
            })
            .collect();
        let held = holding.next().await;
        assert!(held.exchange.is_head());
        // What needs no session comes through meanwhile, and those before it have been looked at by then.
        assert_eq!(stack.browser().get("/public").await.status, 200);
        relay.let_all_go();
        held.let_go();
        for request in requests {
            assert_eq!(request.await.unwrap(), 0);
        }
        assert_eq!(relay.count("/head"), 1 + round, "one for all fifty");
    }
}

#[tokio::test]
async fn a_client_that_leaves_while_its_request_fetches_the_head_leaves_nobody_hanging() {
    let (stack, relay) = start_with_relay(|_| {}).await;
    let (ada, _) = stack.signed_in("ada").await;
    assert_eq!(age(&ada.clone().get("/").await), 0);
    for slams_the_door in [false, true] {
        stack.advance(Duration::from_millis(1_001)).await;
        let (mut holding, heads) = (relay.hold(), relay.count("/head"));
        let mut first = raw::connect(stack.edge.address()).await;
        let request = format!("GET /first HTTP/1.1\r\nHost: {DEMO}\r\nCookie: {}\r\n\r\n", ada.cookie_header());
        first.write_all(request.as_bytes()).await.unwrap();
        let held = holding.next().await;
        let others: Vec<_> = (0..19)
            .map(|_| {
                let mut ada = ada.clone();
                tokio::spawn(async move { ada.get("/page").await.status })
            })
            .collect();
        assert_eq!(stack.browser().get("/public").await.status, 200);
        if slams_the_door {
            // With a reset: a mere end of what is sent may be the client's way to say that it has asked.
            first.set_zero_linger().unwrap();
        }
        drop(first);
        for _ in 0..20 {
            assert_eq!(stack.browser().get("/public").await.status, 200, "the edge has had time to see it go");
        }
        relay.let_all_go();
        held.let_go();
        for other in others {
            assert_eq!(other.await.unwrap(), StatusCode::OK, "{}", stack.edge.log());
        }
        assert_eq!(relay.count("/head"), heads + 1, "what it asked for serves the others");
    }
    stack.advance(Duration::from_millis(1_001)).await;
    assert_eq!(age(&ada.clone().get("/").await), 0, "and it goes on");
}

#[tokio::test]
async fn a_cold_isolate_loads_what_no_head_has_before_it_decides() {
    let (stack, relay) = start_with_relay(|_| {}).await;
    let (ada, _) = stack.signed_in("ada").await;
    let (bob, session) = stack.signed_in("bob").await;
    stack.origin.revoke(&session).await;
    stack.advance(Duration::from_secs(61)).await;
    for first in [&bob, &ada] {
        let cold = stack.another_edge().await;
        let (snapshots, arrived) = (relay.count("/snapshot/"), stack.upstream.requests());
        let mut holding = relay.hold();
        let mut browser = at(&cold, first);
        let deciding = tokio::spawn(async move { browser.get("/").await });
        let held = loop {
            let held = holding.next().await;
            if held.exchange.is_snapshot() {
                break held;
            }
            held.let_go();
        };
        assert!(!deciding.is_finished(), "the head alone decides nothing");
        assert_eq!(stack.upstream.requests(), arrived);
        relay.let_all_go();
        held.let_go();
        let answer = deciding.await.unwrap();
        if std::ptr::eq(first, &raw const bob) {
            expect_revoked(&answer, "it is in the snapshot");
        } else {
            assert_eq!(age(&answer), 0);
        }
        let known = at(&cold, &bob).get("/").await;
        expect_revoked(&known, "it is in the snapshot");
        until("one snapshot", async || (relay.count("/snapshot/") == snapshots + 1).then_some(())).await;
    }
}
