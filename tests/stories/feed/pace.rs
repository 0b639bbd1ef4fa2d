//! What the feed costs the origin: two heads a second, whatever passes the edge.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use sealgate_tests::scale;

use super::{HARD_MS, age, start_with_relay};

/// How many are asked for between two moments.
const AT_A_TIME: usize = 20;
const TICK_MS: u64 = 50;

#[tokio::test]
async fn verified_requests_cost_two_heads_a_second_and_nothing_else() {
    let (stack, relay) = start_with_relay(|_| {}).await;
    let mut people = Vec::new();
    for person in 0..16 {
        people.push(stack.signed_in(&format!("person-{person}")).await.0);
    }
    let before = stack.origin.requests().await;
    let ticks = scale::count(100, 2_000);
    for tick in 0..ticks {
        let requests = (0..AT_A_TIME).map(|number| {
            let mut browser = people[(tick * AT_A_TIME + number) % people.len()].clone();
            async move { age(&browser.get("/page").await) }
        });
        let mut ages = stream::iter(requests).buffer_unordered(8);
        while let Some(age) = ages.next().await {
            assert!(age <= HARD_MS, "{age}");
        }
        stack.advance(Duration::from_millis(TICK_MS)).await;
    }
    let (heads, all) = (relay.count("/head"), relay.passed().len());
    let seconds = ticks as u64 * TICK_MS / 1_000;
    println!("{} requests in {seconds} s by the edge's clock: {heads} heads", ticks * AT_A_TIME);
    assert!(heads as u64 <= 2 * seconds + 1, "{heads} heads in {seconds} s");
    assert!(heads as u64 >= seconds, "it does look: {heads} heads in {seconds} s");
    assert_eq!((relay.count("/internal/keyring"), all), (1, heads + 1), "a keyring at first, and else heads alone");
    assert_eq!(stack.origin.requests().await - before, all as u64, "nor is the public listener asked");
}

#[tokio::test]
async fn an_edge_that_nobody_asks_asks_nobody() {
    let (stack, relay) = start_with_relay(|_| {}).await;
    let (mut ada, _) = stack.signed_in("ada").await;
    assert_eq!(age(&ada.get("/").await), 0);
    let before = relay.passed().len();
    for _ in 0..60 {
        stack.advance(Duration::from_secs(10)).await;
        assert_eq!(stack.browser().get("/public").await.status, 200);
        assert_eq!(stack.browser().get("/").await.code(), "missing");
    }
    assert_eq!(relay.passed().len(), before);
    assert_eq!(age(&ada.get("/").await), 0, "and whoever comes then waits for one head");
    assert_eq!(relay.passed().len(), before + 1);
}
