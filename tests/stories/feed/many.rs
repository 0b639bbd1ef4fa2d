//! Many revocations at once: a cold isolate loads them before it decides, one that has missed them does too, and each of
//! them is felt.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use sealgate_tests::browser::Browser;
use sealgate_tests::scale;
use sealgate_tests::stack::Stack;
use sealgate_tests::wait::until;
use serde_json::Value;

use super::{age, at, expect_revoked, start_with_relay};

/// How many requests are under way at a time.
const AT_ONCE: usize = 16;

/// Of so many people one keeps the session.
const KEEPS: usize = 10;

async fn mint(stack: &Stack, count: usize) -> Vec<Value> {
    // Each is somebody else: of one person's entries a few are made into a mark.
    let minting = (0..count).map(|number| async move { stack.origin.mint(&format!("person-{number}")).await });
    stream::iter(minting).buffered(AT_ONCE).collect().await
}

fn keeps(number: usize) -> bool {
    number.is_multiple_of(KEEPS)
}

/// Everybody asks at the edge where that browser is, or every second one; those who keep their sessions are let in, and
/// nobody else.
async fn everybody_asks(people: &[Value], stranger: &Browser, where_to: &str) {
    let asking = people.iter().enumerate().step_by(scale::count(2, 1)).map(|(number, minted)| {
        let mut browser = stranger.clone();
        browser.keep_session(minted);
        async move { (number, browser.get("/").await) }
    });
    let mut asking = stream::iter(asking).buffer_unordered(AT_ONCE);
    while let Some((number, answer)) = asking.next().await {
        if keeps(number) {
            assert_eq!(age(&answer), 0, "person {number}, {where_to}");
        } else {
            expect_revoked(&answer, &format!("person {number}, {where_to}"));
        }
    }
}

#[tokio::test]
async fn thousands_of_revocations_in_a_minute_reach_whoever_missed_them_before_the_next_decision() {
    let (stack, relay) = start_with_relay(|_| {}).await;
    let count = scale::count(5_000, 100_000);
    let people = mint(&stack, count).await;
    let (mut ada, _) = stack.signed_in("ada").await;
    assert_eq!(age(&ada.get("/").await), 0);

    let revoking = people.iter().enumerate().filter(|(number, _)| !keeps(*number));
    let revoked = stream::iter(revoking.map(|(_, minted)| stack.origin.revoke(&minted["session"])));
    assert_eq!(revoked.buffer_unordered(AT_ONCE).count().await, count - count.div_ceil(KEEPS));
    assert_eq!(relay.count("/snapshot/"), 0);
    stack.advance(Duration::from_millis(1_001)).await;

    // More than a head holds: the edge that was there all the time has a gap, and the cold one has nothing.
    let cold = stack.another_edge().await;
    let (last, stranger) = (&people[count - 1], at(&cold, &stack.browser()));
    let (first, arrived) = (&people[1], stack.upstream.requests());
    for (minted, browser) in [(first, stack.browser()), (first, stranger.clone()), (last, stranger.clone())] {
        let mut browser = browser;
        browser.keep_session(minted);
        expect_revoked(&browser.get("/").await, "the first question of all");
    }
    assert_eq!(stack.upstream.requests(), arrived, "nobody was let in meanwhile");
    assert_eq!(relay.count("/snapshot/"), 2, "one for either edge");
    everybody_asks(&people, &stack.browser(), "where they were missed").await;
    everybody_asks(&people, &stranger, "where nothing was known").await;
    let asked = relay.passed().len();
    until("the last errand to end", async || (relay.passed().len() == asked).then_some(())).await;
    println!("{count} sessions, {} kB of snapshots", snapshot_bytes(&relay) / 1_000);

    // A minute later they are in no head, and still known; and whoever comes now learns of them all the same.
    stack.advance(Duration::from_mins(2)).await;
    for edge in [&stack.edge, &cold, &stack.another_edge().await] {
        edge.set_clock(stack.now()).await;
        let mut browser = at(edge, &stack.browser());
        browser.keep_session(last);
        expect_revoked(&browser.get("/").await, "two minutes later");
        browser.keep_session(&people[0]);
        assert_eq!(age(&browser.get("/").await), 0, "two minutes later");
    }
}

fn snapshot_bytes(relay: &sealgate_tests::relay::Relay) -> usize {
    let snapshots = relay.passed().into_iter().filter(sealgate_tests::relay::Exchange::is_snapshot);
    snapshots.map(|exchange| exchange.answer.body.len()).sum()
}

#[tokio::test]
async fn many_sessions_of_one_person_are_one_mark_that_hits_all_of_them_and_nobody_else() {
    let (stack, _relay) = start_with_relay(|_| {}).await;
    let mut mallory = Vec::new();
    for _ in 0..40 {
        mallory.push(stack.signed_in("mallory").await);
    }
    let (mut ada, _) = stack.signed_in("ada").await;
    assert_eq!(age(&ada.get("/").await), 0);
    for (_, session) in &mallory[..39] {
        stack.origin.revoke(session).await;
    }
    stack.advance(Duration::from_millis(1_001)).await;
    for (browser, _) in &mut mallory[..39] {
        expect_revoked(&browser.get("/").await, "one of many");
    }
    assert_eq!(age(&ada.get("/").await), 0);
}
