//! The module panics, which it is not known to do: whatever it held is gone. What it needs is handed back, so the next
//! request is decided as if nothing had been, and nothing that was known to be revoked is let in.

use std::time::Duration;

use reqwest::Method;
use sealgate_tests::browser::Browser;
use sealgate_tests::edge::repository;
use sealgate_tests::stack::Stack;
use sealgate_tests::wait::until;
use serde_json::{Value, json};
use tokio::process::Command;
use tokio::sync::OnceCell;

/// Where the module can be made to panic: in a decision, in an errand, in what several requests wait for.
pub(crate) const PLACES: [&str; 3] = ["gate", "errand", "answer"];

/// Starts everything with a Worker that panics on demand, which is built when it is not there yet, after a change to its
/// settings.
pub(crate) async fn start_with(change: impl FnOnce(&mut Value)) -> Stack {
    static BUILT: OnceCell<()> = OnceCell::const_new();
    BUILT
        .get_or_init(async || {
            let mut script = Command::new(repository().join("scripts/build-edge"));
            let built = script.arg("panic").output().await.unwrap();
            assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        })
        .await;
    Stack::start_build("target/edge-panic", change).await
}

/// A signed-in browser, and those whose sessions the edge knows to be revoked: from a snapshot, from an earlier head, and
/// from the last, each in another way.
async fn live_and_revoked(stack: &Stack) -> (Browser, Vec<Browser>) {
    let (mut ada, _) = stack.signed_in("ada").await;
    let (eve, eves) = stack.signed_in("eve").await;
    stack.origin.revoke(&eves).await;
    stack.advance(Duration::from_secs(61)).await;
    assert_eq!(ada.get("/").await.status, 200);

    let (mut bob, bobs) = stack.signed_in("bob").await;
    stack.origin.revoke(&bobs).await;
    stack.advance(Duration::from_millis(1_001)).await;
    assert_eq!(bob.get("/").await.code(), "revoked");

    let (dan, _) = stack.signed_in("dan").await;
    let everywhere = stack.origin.ask(Method::DELETE, "/v1/actors/user/dan/sessions", None).await;
    assert_eq!(everywhere.json(), json!({ "revoked": 1 }));
    stack.advance(Duration::from_millis(1_001)).await;
    assert_eq!(ada.get("/").await.status, 200);
    // A mark may hit too much: with his refresh token the origin would be asked about him.
    let mut revoked = vec![eve, bob, dan.without_cookie("__Host-sg_refresh")];
    expect_all_refused(&mut revoked, "before").await;
    (ada, revoked)
}

async fn expect_all_refused(revoked: &mut [Browser], when: &str) {
    for (number, browser) in revoked.iter_mut().enumerate() {
        for path in ["/", "/open"] {
            assert_eq!(browser.get(path).await.code(), "revoked", "number {number} at {path}, {when}");
        }
    }
}

/// Makes the module panic at `place`, while three requests are under way. One at the most is answered with a failure, and
/// was let in nowhere; whoever waited for an errand that died is asked about again, and let in after all.
pub(crate) async fn panic_at(stack: &Stack, place: &str) {
    let (carol, _) = stack.signed_in("somebody").await;
    // What is held is too old to decide then, so that there is an errand to run.
    stack.advance(Duration::from_millis(1_001)).await;
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
    assert!(let_in >= 2, "only {let_in} of three got through a panic at {place}: {}", stack.edge.log());
    until("the log of the panic", async || (stack.edge.log().matches("provoked").count() > panics).then_some(())).await;
}

#[tokio::test]
async fn after_a_panic_the_next_request_is_decided_correctly() {
    let stack = start_with(|_| {}).await;
    let (mut ada, mut revoked) = live_and_revoked(&stack).await;
    for place in PLACES {
        panic_at(&stack, place).await;
        expect_all_refused(&mut revoked, &format!("after a panic at {place}")).await;
        assert_eq!(ada.get("/").await.seen("x-sealgate-actor-id").as_deref(), Some("ada"), "after a panic at {place}");
        assert_eq!(stack.browser().get("/").await.code(), "missing");
        assert_eq!(stack.browser().get("/public").await.status, 200);
    }
}

#[tokio::test]
async fn a_panic_loses_no_revocation_and_no_key_also_without_the_origin() {
    for place in PLACES {
        let routes = json!([{ "path": "/open", "policy": "session", "unreachable": "open" }]);
        let mut stack = start_with(|settings| settings["tenants"][0]["routes"] = routes).await;
        let (mut ada, mut revoked) = live_and_revoked(&stack).await;
        panic_at(&stack, place).await;
        stack.origin.stop().await;
        let before = stack.upstream.requests();
        expect_all_refused(&mut revoked, &format!("without the origin, after a panic at {place}")).await;

        stack.advance(Duration::from_millis(1_001)).await;
        assert_eq!(ada.get("/").await.code(), "origin_unavailable", "after a panic at {place}");
        assert_eq!(stack.upstream.requests(), before);
        expect_all_refused(&mut revoked, &format!("later, after a panic at {place}")).await;
        let (signed, mac) = ada.cookies["__Host-sg"].rsplit_once('.').unwrap();
        let forged = format!("{signed}.{}", "A".repeat(mac.len()));
        let answer = stack.browser().with_cookie("__Host-sg", &forged).get("/").await;
        assert_eq!(answer.code(), "bad_mac", "a forgery needs no origin to be seen");

        // Where the route is open then, what was handed back decides, and is no younger than it was.
        let open = ada.get("/open").await;
        let age: u64 = open.seen("x-sealgate-revocation-age-ms").expect("it was let in").parse().unwrap();
        assert!(age >= 1_001, "{age} ms after a panic at {place}");

        // Another panic, without the origin, changes nothing.
        panic_at_gate_without_origin(&stack, &ada).await;
        expect_all_refused(&mut revoked, "after a panic without the origin").await;
        assert_eq!(ada.get("/").await.code(), "origin_unavailable");
    }
}

async fn panic_at_gate_without_origin(stack: &Stack, ada: &Browser) {
    let panics = stack.edge.log().matches("provoked").count();
    assert_eq!(stack.edge.call("provoke", json!(["gate"])).await, "");
    let status = ada.clone().get("/").await.status.as_u16();
    assert!(matches!(status, 500 | 503), "{status}");
    until("the log of the panic", async || (stack.edge.log().matches("provoked").count() > panics).then_some(())).await;
}
