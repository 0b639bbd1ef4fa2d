//! Signing out is felt at once where it was done, and elsewhere within the bound.

use std::time::Duration;

use sealgate_tests::relay::Relay;
use sealgate_tests::stack::Stack;

use super::{HARD_MS, age, at, expect_revoked, start_with_relay};

#[tokio::test]
async fn a_sign_out_is_felt_at_once_where_it_was_done_and_elsewhere_within_a_second() {
    let (stack, _relay) = start_with_relay(|_| {}).await;
    let elsewhere = stack.another_edge().await;
    let (mut ada, _) = stack.signed_in("ada").await;
    let (mut bob, _) = stack.signed_in("bob").await;
    let (mut copy, mut far_copy) = (ada.clone(), at(&elsewhere, &ada));
    for browser in [&mut copy, &mut far_copy, &mut bob] {
        assert_eq!(age(&browser.get("/").await), 0);
    }

    assert_eq!(ada.post("/auth/logout", "").await.status, 200);
    assert_eq!(ada.get("/").await.code(), "missing");
    stack.advance(Duration::from_millis(1)).await;
    expect_revoked(&copy.get("/").await, "a copy of the cookie, a millisecond later");
    assert!(age(&bob.get("/").await) <= 1, "nobody else is concerned");

    stack.advance(Duration::from_millis(HARD_MS - 1)).await;
    elsewhere.set_clock(stack.now()).await;
    assert_eq!(age(&far_copy.get("/").await), HARD_MS, "what is known there is as old as may be");
    stack.advance(Duration::from_millis(1)).await;
    elsewhere.set_clock(stack.now()).await;
    expect_revoked(&far_copy.get("/").await, "a copy of the cookie elsewhere, a second later");
}

/// The edge reads the feed while the sign-out is on its way, and learns that the session is alive: so it was then.
#[tokio::test]
async fn what_was_learnt_while_a_sign_out_was_under_way_counts_for_nothing() {
    let public = Relay::start().await;
    let stack = Stack::start_with(|settings| public.stand_before(&mut settings["origin_public"])).await;
    let (mut ada, _) = stack.signed_in("ada").await;
    let mut copy = ada.clone();
    assert_eq!(age(&copy.get("/").await), 0);

    let mut questions = public.stop_at("/auth/logout");
    let sign_out = tokio::spawn(async move { ada.post("/auth/logout", "").await.status });
    let question = questions.next().await;
    stack.advance(Duration::from_millis(1)).await;
    assert_eq!(age(&copy.get("/").await), 0, "asked anew, since somebody may be signing out");
    question.let_go();
    assert_eq!(sign_out.await.unwrap(), 200);

    stack.advance(Duration::from_millis(1)).await;
    expect_revoked(&copy.get("/").await, "a millisecond later");
}

#[tokio::test]
async fn after_a_sign_out_that_nobody_can_confirm_a_copy_of_the_cookie_is_not_let_in() {
    let (stack, relay) = start_with_relay(|settings| {
        settings["tenants"][0]["routes"] =
            serde_json::json!([{ "path": "/open", "policy": "session", "unreachable": "open" }]);
    })
    .await;
    let (mut ada, _) = stack.signed_in("ada").await;
    let mut copy = ada.clone();
    assert_eq!(age(&copy.get("/open").await), 0);
    assert_eq!(ada.post("/auth/logout", "").await.status, 200);
    relay.bend(|_| sealgate_tests::relay::Document::new(503, ""));
    stack.advance(Duration::from_millis(1)).await;
    for path in ["/", "/open"] {
        super::expect_unavailable(&copy.get(path).await, path);
    }
    relay.straighten();
    stack.advance(Duration::from_secs(1)).await;
    expect_revoked(&copy.get("/open").await, "as soon as it can be known");
}
