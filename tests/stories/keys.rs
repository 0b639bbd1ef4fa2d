//! Keys rotate while people are signed in.

use std::time::Duration;

use sealgate_tests::stack::Stack;
use sealgate_tests::wait::until;

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
        // Keys are published before they sign, so the first of them is known already; for later ones the
        // edge asks, at most once in ten seconds.
        stack.advance(Duration::from_secs(10)).await;
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
    let text = reqwest::get(format!("{}/metrics", stack.origin.private())).await.unwrap().text().await.unwrap();
    let line = format!("sealgate_http_requests_total{{listener=\"private\",status=\"{status}\"}} ");
    text.lines().find_map(|found| found.strip_prefix(&line)).map_or(0, |count| count.parse().unwrap())
}

#[tokio::test]
async fn a_keyring_that_has_not_changed_is_renewed_without_being_sent_again() {
    let stack = Stack::start().await;
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
