//! The module panics, which it is not known to do: whatever it held is gone. The next request is decided as if
//! nothing had been, and nothing that was known to be revoked is let in.

use reqwest::Method;
use sealgate_tests::browser::Browser;
use sealgate_tests::edge::repository;
use sealgate_tests::stack::Stack;
use sealgate_tests::wait::until;
use serde_json::json;
use tokio::process::Command;
use tokio::sync::OnceCell;

/// Where the module can be made to panic: in a decision, in an errand, in what several requests wait for.
const PLACES: [&str; 3] = ["gate", "errand", "answer"];

/// Starts everything with a Worker that panics on demand, which is built when it is not there yet.
async fn start() -> Stack {
    static BUILT: OnceCell<()> = OnceCell::const_new();
    BUILT
        .get_or_init(async || {
            let mut script = Command::new(repository().join("scripts/build-edge"));
            let built = script.arg("panic").output().await.unwrap();
            assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        })
        .await;
    Stack::start_build("target/edge-panic", |_| {}).await
}

/// A signed-in browser and one whose session the edge knows to be revoked.
async fn live_and_revoked(stack: &Stack) -> (Browser, Browser) {
    let (mut ada, _) = stack.signed_in("ada").await;
    let (mut bob, session) = stack.signed_in("bob").await;
    let path = format!("/v1/sessions/{}", session["id"].as_str().unwrap());
    assert_eq!(stack.origin.ask(Method::DELETE, &path, None).await.status, 200);
    assert_eq!(ada.get("/").await.status, 200);
    assert_eq!(bob.get("/").await.code(), "revoked");
    (ada, bob)
}

/// Makes the module panic at `place`, while three requests are under way. Whoever is answered with a failure was let in
/// nowhere; whoever waited for an errand that died is asked about again, and may be let in after all.
async fn panic_at(stack: &Stack, place: &str) {
    // Somebody the edge has not asked about yet, so that there is an errand to run.
    let (carol, _) = stack.signed_in("carol").await;
    let panics = stack.edge.log().matches("provoked").count();
    assert_eq!(stack.edge.call("provoke", json!([place])).await, "");
    let before = stack.upstream.requests();
    let at_once: Vec<_> = (0..3)
        .map(|_| {
            let request = carol.request(Method::GET, "/");
            tokio::spawn(async move { request.send().await.unwrap().status().as_u16() })
        })
        .collect();
    let mut let_in = 0;
    for request in at_once {
        let status = request.await.unwrap();
        assert!(matches!(status, 200 | 500 | 503), "{status} at {place}");
        let_in += usize::from(status == 200);
    }
    assert_eq!(stack.upstream.requests() - before, let_in, "at {place}");
    until("the log of the panic", async || (stack.edge.log().matches("provoked").count() > panics).then_some(())).await;
}

#[tokio::test]
async fn after_a_panic_the_next_request_is_decided_correctly() {
    let stack = start().await;
    let (mut ada, mut bob) = live_and_revoked(&stack).await;
    for place in PLACES {
        panic_at(&stack, place).await;
        assert_eq!(bob.get("/").await.code(), "revoked", "after a panic at {place}");
        assert_eq!(ada.get("/").await.seen("x-sealgate-actor-id").as_deref(), Some("ada"), "after a panic at {place}");
        assert_eq!(stack.browser().get("/").await.code(), "missing");
        assert_eq!(stack.browser().get("/public").await.status, 200);
    }
}

#[tokio::test]
async fn after_a_panic_and_without_the_origin_nobody_is_let_in_and_the_keys_are_still_there() {
    for place in PLACES {
        let mut stack = start().await;
        let (mut ada, mut bob) = live_and_revoked(&stack).await;
        panic_at(&stack, place).await;
        stack.origin.stop().await;
        let before = stack.upstream.requests();
        assert_eq!(bob.get("/").await.code(), "origin_unavailable", "what was known is gone, after a panic at {place}");
        assert_eq!(ada.get("/").await.code(), "origin_unavailable", "after a panic at {place}");
        let (signed, mac) = ada.cookies["__Host-sg"].rsplit_once('.').unwrap();
        let forged = format!("{signed}.{}", "A".repeat(mac.len()));
        let answer = ada.clone().with_cookie("__Host-sg", &forged).get("/").await;
        assert_eq!(answer.code(), "bad_mac", "a forgery needs no origin to be seen");
        assert_eq!(stack.upstream.requests(), before);
    }
}
