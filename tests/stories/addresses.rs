//! Whom a request comes from: the origin is told what the runtime says, and never what a client has written.

use sealgate_tests::raw;
use sealgate_tests::recorder::Recorder;
use sealgate_tests::stack::Stack;
use serde_json::{Value, json};

const CLOUDFLARES: &str = "CF-Connecting-IP: 203.0.113.7";
/// What somebody might write who wants to be somebody else.
const WRITTEN: [&str; 6] = [
    "X-Sealgate-Client-IP: 198.51.100.1",
    "X-Sealgate-Client-IP-Source: cf-connecting-ip",
    "x_sealgate_client_ip: 198.51.100.2",
    "X-Forwarded-For: 198.51.100.3",
    "X-Real-IP: 198.51.100.4",
    "Forwarded: for=198.51.100.5",
];

/// What an origin is told by an edge with these settings: the addresses, and where they are from.
async fn told(change: impl FnOnce(&mut Value), lines: &[&str]) -> (Vec<String>, Vec<String>) {
    let origin = Recorder::start().await;
    let stack = Stack::start_with(|settings| {
        settings["origin_public"] = json!(origin.address());
        change(settings);
    })
    .await;
    let request = format!("GET /auth/login HTTP/1.1\r\nHost: demo.test\r\n{}\r\n\r\n", lines.join("\r\n"));
    let answer = raw::exchange(stack.edge.address(), &raw::bytes(&request)).await;
    assert_eq!(answer.status(), 200);
    let arrived = origin.take().pop().unwrap();
    let all = |name: &str| arrived.all(name).into_iter().map(str::to_owned).collect();
    assert!(arrived.all("x_sealgate_client_ip").is_empty());
    (all("x-sealgate-client-ip"), all("x-sealgate-client-ip-source"))
}

fn texts(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

#[tokio::test]
async fn the_address_is_cloudflares_word_whatever_the_client_has_written() {
    let lines = [&WRITTEN[..], &[CLOUDFLARES]].concat();
    let (addresses, sources) = told(|_| {}, &lines).await;
    assert_eq!((addresses, sources), (texts(&["203.0.113.7"]), texts(&["cf-connecting-ip"])));
    let (addresses, _) = told(|_| {}, &WRITTEN).await;
    assert_eq!(addresses, texts(&[]), "without its word there is none");
}

#[tokio::test]
async fn an_edge_that_runs_elsewhere_believes_nobody() {
    let lines = [&WRITTEN[..], &[CLOUDFLARES]].concat();
    let (addresses, sources) = told(|settings| settings["client_address"] = json!("none"), &lines).await;
    assert_eq!((addresses, sources), (texts(&[]), texts(&[])));
}
