//! Keys rotate while people are signed in.

use std::time::Duration;

use sealgate_tests::relay::Relay;
use sealgate_tests::stack::Stack;
use sealgate_tests::wait::until;
use serde_json::json;

const ACCESS: &str = "__Host-sg";

fn kid(token: &str) -> String {
    token.split('.').nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn after_a_rotation_old_cookies_pass_and_new_ones_use_the_new_key() {
    let stack = Stack::start().await;
    let (mut before, _) = stack.signed_in("ada").await;
    assert_eq!(before.get("/").await.status, 200);
    let mut seen = vec![kid(&before.cookies[ACCESS])];
    for _ in 0..3 {
        stack.origin.app().office().rotate(&"demo".parse().unwrap()).await.unwrap();
        let (mut after, _) = stack.signed_in("bob").await;
        let new = kid(&after.cookies[ACCESS]);
        assert!(!seen.contains(&new), "{new} has signed before");
        seen.push(new);
        // Keys are published before they sign, so the first of them is known already; of later ones the head of the
        // feed tells, which an unknown key is a reason to read when it is half a second old.
        stack.advance(Duration::from_millis(500)).await;
        assert_eq!(after.get("/").await.status, 200);
        assert_eq!(before.get("/").await.status, 200);
    }
}

#[tokio::test]
async fn the_pending_key_is_known_at_the_edge_before_it_signs() {
    let stack = Stack::start().await;
    let (mut before, _) = stack.signed_in("ada").await;
    assert_eq!(before.get("/").await.status, 200);
    stack.origin.app().office().rotate(&"demo".parse().unwrap()).await.unwrap();
    let (mut after, _) = stack.signed_in("bob").await;
    // No time has passed, so the edge may not ask for the ring again.
    assert_ne!(kid(&after.cookies[ACCESS]), kid(&before.cookies[ACCESS]));
    assert_eq!(after.get("/").await.status, 200);
}

/// Requests of a kind that the origin has answered on its private listener.
async fn answered(stack: &Stack, status: &str) -> u64 {
    stack.origin.metrics(&format!("sealgate_http_requests_total{{listener=\"private\",status=\"{status}\"}}")).await
}

#[tokio::test]
async fn a_keyring_is_fetched_again_when_the_head_says_that_there_is_a_newer_one_and_never_else() {
    let relay = Relay::start().await;
    let stack = Stack::start_with(|settings| relay.stand_before(&mut settings["origin_private"])).await;
    let (mut browser, _) = stack.signed_in("ada").await;
    for _ in 0..12 {
        assert_eq!(browser.get("/").await.status, 200);
        stack.advance(Duration::from_secs(61)).await;
    }
    assert_eq!((relay.count("/keyring"), relay.count("/head")), (1, 12));
    for rotations in 1..=3 {
        stack.origin.app().office().rotate(&"demo".parse().unwrap()).await.unwrap();
        stack.advance(Duration::from_millis(1_001)).await;
        for _ in 0..3 {
            assert_eq!(browser.get("/").await.status, 200, "nobody is let in by an older ring meanwhile");
        }
        assert_eq!(relay.count("/keyring"), 1 + rotations);
    }
}

#[tokio::test]
async fn where_no_head_is_read_a_keyring_is_renewed_without_being_sent_again() {
    let routes = json!([{ "path": "/", "policy": "session", "revocation": "none" }]);
    let stack = Stack::start_with(|settings| settings["tenants"][0]["routes"] = routes).await;
    let (mut browser, _) = stack.signed_in("ada").await;
    assert_eq!(browser.get("/").await.status, 200);
    assert_eq!(answered(&stack, "3xx").await, 0);
    stack.advance(Duration::from_secs(61)).await;
    assert_eq!(browser.get("/").await.status, 200);
    // It is asked for behind the request.
    until("the ring to be renewed", async || (answered(&stack, "3xx").await == 1).then_some(())).await;
    stack.advance(Duration::from_secs(59)).await;
    assert_eq!(browser.get("/").await.status, 200);
    assert_eq!(answered(&stack, "3xx").await, 1, "it is fresh again");
}
