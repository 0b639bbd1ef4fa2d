//! Parts that are down, broken or slow: fail closed, say whose fault it is, and recover.

use std::time::Duration;

use sealgate_tests::edge::{Edge, EdgeConfig};
use sealgate_tests::stack::{DEMO, Stack};
use sealgate_tests::wait::until;
use serde_json::json;

#[tokio::test]
async fn without_the_origin_what_is_known_holds_for_a_second_and_then_it_is_503() {
    let mut stack = Stack::start().await;
    let (mut known, _) = stack.signed_in("ada").await;
    let (mut other, _) = stack.signed_in("bob").await;
    assert_eq!(known.get("/").await.status, 200);
    stack.origin.stop().await;

    stack.advance(Duration::from_secs(1)).await;
    assert_eq!(known.get("/").await.status, 200, "what is known is a second old");
    assert_eq!(other.get("/").await.status, 200, "whoever asks");
    stack.advance(Duration::from_millis(1)).await;
    let script = other.clone().get("/").await;
    assert_eq!(script.code(), "origin_unavailable");
    let person = other.navigating().get("/").await;
    assert!(person.body.contains("You are still signed in"), "{}", person.body);
    for answer in [script, person] {
        assert_eq!(answer.status, 503);
        assert_eq!(answer.header("retry-after"), Some("1"));
        assert!(answer.set_cookies().is_empty(), "nobody is signed out");
    }
    assert_eq!(known.get("/").await.code(), "origin_unavailable");
    assert_eq!(known.get("/auth/session").await.code(), "origin_unavailable");
    assert_eq!(known.get("/public").await.status, 200);
    assert_eq!(stack.browser().with_cookie("__Host-sg", "junk").get("/").await.code(), "malformed");
}

#[tokio::test]
async fn a_cold_edge_without_an_origin_lets_nobody_in() {
    let mut stack = Stack::start().await;
    let (mut browser, _) = stack.signed_in("ada").await;
    stack.origin.stop().await;
    assert_eq!(browser.get("/").await.code(), "origin_unavailable");
    assert_eq!(stack.upstream.requests(), 0);
}

#[tokio::test]
async fn an_application_that_is_down_is_502() {
    let mut stack = Stack::start().await;
    let (mut browser, _) = stack.signed_in("ada").await;
    stack.upstream.stop().await;
    for path in ["/", "/public"] {
        let answer = browser.get(path).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (502, "upstream_unreachable"), "{path}");
    }
}

#[tokio::test]
async fn a_mistake_in_the_configuration_is_503_everywhere_and_says_why_in_the_log() {
    let good = json!({
        "edge": "dev", "origin_public": "http://127.0.0.1:9", "origin_private": "http://127.0.0.1:9",
        "tenants": [{ "id": "demo", "hosts": [DEMO], "upstream": "http://127.0.0.1:9", "assertion": false }],
    });
    let mut misspelt = good.clone();
    misspelt["tenants"][0]["hostz"] = json!([]);
    let secret = "A".repeat(43);
    for (settings, secret, named) in [
        (misspelt, secret.clone(), "hostz"),
        (json!(null), secret, "SEALGATE"),
        (good, String::new(), "SEALGATE_EDGE_SECRET"),
    ] {
        let edge = Edge::start(&EdgeConfig { settings, secret, upstream_secrets: String::new() }).await;
        for path in ["/", "/public", "/auth/session"] {
            let mut browser = sealgate_tests::browser::Browser::new(edge.address(), DEMO);
            let answer = browser.get(path).await;
            assert_eq!((answer.status.as_u16(), answer.code().as_str()), (503, "misconfigured"));
        }
        until("the log to name the mistake", async || edge.log().contains(named).then_some(())).await;
        assert_eq!(edge.log().matches("sealgate:").count(), 1, "said once: {}", edge.log());
    }
}

#[tokio::test]
async fn cold_requests_at_once_share_their_questions() {
    let stack = Stack::start().await;
    let (browser, _) = stack.signed_in("ada").await;
    let before = stack.origin.requests().await;
    let requests: Vec<_> = (0..20)
        .map(|_| {
            let mut browser = browser.clone();
            tokio::spawn(async move { browser.get("/").await })
        })
        .collect();
    for request in requests {
        assert_eq!(request.await.unwrap().status, 200);
    }
    let asked = stack.origin.requests().await - before;
    // One for the keyring and one for the head, but for whoever came between the two.
    assert!((2..=4).contains(&asked), "{asked} questions for 20 requests");
    // Whoever waited is told how it ended: opening a keyring takes longer than everything else.
    assert_eq!(stack.edge.absorbed().await, asked);
}

#[tokio::test]
async fn nothing_secret_is_written_to_the_edges_log() {
    let mut stack = Stack::start().await;
    let (mut browser, session) = stack.signed_in("ada").await;
    let cookies = browser.cookies.clone();
    assert_eq!(browser.get("/").await.status, 200);
    let planted = browser.clone().with_header("x-answer-with", "set-cookie: __Host-sg=planted; Path=/").get("/").await;
    assert!(planted.set_cookies().is_empty());
    assert_eq!(browser.post("/auth/logout", "").await.status, 200);
    stack.origin.stop().await;
    browser.cookies.clone_from(&cookies);
    stack.advance(Duration::from_secs(10)).await;
    assert_eq!(browser.get("/").await.status, 503);

    let log = until("the log of both warnings", async || {
        let log = stack.edge.log();
        (log.contains("dropped 1") && log.contains("no usable answer")).then_some(log)
    })
    .await;
    for secret in cookies.values().map(String::as_str).chain([
        stack.origin.edge_secret(),
        stack.origin.service_token(),
        session["id"].as_str().unwrap(),
        "planted",
        "ada",
    ]) {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
}
