//! What the application is told, and what it never sees.

use futures_util::stream;
use reqwest::Method;
use sealgate_tests::edge::client;
use sealgate_tests::stack::{DEMO, Stack};
use serde_json::json;

#[tokio::test]
async fn identity_headers_sent_by_a_client_never_arrive_in_any_spelling() {
    let stack = Stack::start().await;
    let (ada, session) = stack.signed_in("ada").await;
    let spellings = [
        "X-Sealgate-Actor-Id",
        "x-sealgate-actor-id",
        "X_Sealgate_Actor_Id",
        "x-sealgate_actor-id",
        "x_sealgate-actor_id",
        "X-SEALGATE-ACTOR-ID",
        "x-sealgate-roles",
        "x-sealgate-tenant",
        "x-sealgate-edge",
        "x-sealgate-anything",
        "x_sealgate_session",
    ];
    for path in ["/", "/public"] {
        let mut liar = ada.clone();
        for name in spellings {
            liar = liar.with_header(name, "root").with_header(name, "admin");
        }
        let answer = liar.get(path).await;
        assert_eq!(answer.status, 200);
        assert!(!answer.body.contains("root") && !answer.body.contains("\"admin\""), "{}", answer.body);
        let arrived = answer.json()["headers"].as_array().unwrap().clone();
        assert!(!arrived.iter().any(|header| header[0].as_str().unwrap().contains('_')), "{arrived:?}");
    }
    let honest = ada.clone().get("/").await;
    assert_eq!(honest.seen_all("x-sealgate-actor-id"), ["ada"]);
    assert_eq!(honest.seen_all("x-sealgate-session"), [session["id"].as_str().unwrap()]);
    assert_eq!(honest.seen_all("x-sealgate-tenant"), ["demo"]);
    assert_eq!(honest.seen_all("x-forwarded-host"), [DEMO]);
}

#[tokio::test]
async fn our_cookies_stop_at_the_edge_and_others_go_on() {
    let stack = Stack::start().await;
    let (ada, _) = stack.signed_in("ada").await;
    for path in ["/", "/public/page"] {
        let answer = ada.clone().with_cookie("theme", "dark").with_cookie("zoom", "2").get(path).await;
        assert_eq!(answer.seen_all("cookie"), ["theme=dark; zoom=2"], "{path}");
        assert_eq!(ada.clone().get(path).await.seen("cookie"), None, "{path}");
    }
}

#[tokio::test]
async fn public_paths_need_no_session_and_tell_of_none() {
    let stack = Stack::start().await;
    let (mut ada, _) = stack.signed_in("ada").await;
    for answer in [ada.get("/public").await, stack.browser().get("/public/page").await] {
        assert_eq!(answer.status, 200);
        assert_eq!(answer.seen("x-sealgate-actor-id"), None);
    }
    assert_eq!(stack.browser().get("/publicity").await.code(), "missing");
    assert_eq!(stack.browser().get("/public/%70rivate").await.code(), "missing");
}

#[tokio::test]
async fn what_was_decided_on_a_session_is_for_no_shared_cache() {
    let stack = Stack::start().await;
    let (ada, _) = stack.signed_in("ada").await;
    assert_eq!(ada.clone().get("/").await.header("cache-control"), Some("private"));
    let own = ada.clone().with_header("x-answer-with", "cache-control: max-age=60").get("/").await;
    assert_eq!(own.header("cache-control"), Some("private, max-age=60"));
    assert_eq!(stack.browser().get("/public").await.header("cache-control"), None);
}

#[tokio::test]
async fn methods_and_bodies_arrive_as_they_were_sent() {
    let stack = Stack::start().await;
    let (mut ada, _) = stack.signed_in("ada").await;
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        let answer = ada.send(method.clone(), "/thing?a=%20b&c=d", "a body".to_owned()).await;
        assert_eq!(answer.json()["method"], method.as_str());
        assert_eq!(answer.json()["target"], "/thing?a=%20b&c=d");
        assert_eq!(answer.json()["body"], "a body");
    }
    let redirect = ada.clone().with_header("x-answer-with", "location: /elsewhere").get("/").await;
    assert_eq!(redirect.header("location"), Some("/elsewhere"));
}

#[tokio::test]
async fn bodies_stream_both_ways() {
    let stack = Stack::start().await;
    let (ada, _) = stack.signed_in("ada").await;
    let (send, receive) = tokio::sync::mpsc::channel::<&'static str>(1);
    let body = stream::unfold(receive, async |mut receive| {
        let piece = receive.recv().await?;
        Some((Ok::<_, std::io::Error>(piece), receive))
    });
    let request = client().post(format!("{}/stream", stack.edge.address())).header("host", DEMO);
    let cookies: Vec<String> = ada.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request = request
        .header("cookie", cookies.join("; "))
        .header("sec-fetch-site", "same-origin")
        .body(reqwest::Body::wrap_stream(Box::pin(body)));
    // Each piece is sent only when the one before has come back: whoever waits for the end waits for ever.
    send.send("one").await.unwrap();
    let mut response = request.send().await.unwrap();
    assert_eq!(response.chunk().await.unwrap().unwrap(), "one");
    send.send("two").await.unwrap();
    assert_eq!(response.chunk().await.unwrap().unwrap(), "two");
    drop(send);
    assert_eq!(response.chunk().await.unwrap(), None);
}

#[tokio::test]
async fn roles_and_assurance_travel_with_the_session() {
    let stack = Stack::start().await;
    let minted = stack.origin.mint_with("ada", json!({ "roles": ["writer", "admin"], "assurance": 2 })).await;
    let mut browser = stack.browser();
    browser.keep_session(&minted);
    let answer = browser.get("/").await;
    assert_eq!(answer.seen("x-sealgate-roles").as_deref(), Some("admin,writer"));
    assert_eq!(answer.seen("x-sealgate-assurance").as_deref(), Some("2"));
}
