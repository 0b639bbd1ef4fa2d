//! Keys rotate while people are signed in.

use std::time::Duration;

use sealgate_tests::stack::Stack;

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
