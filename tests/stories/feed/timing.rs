//! `Server-Timing`: what a request waited for, said where the settings ask for it.

use std::time::Duration;

use sealgate_tests::browser::Answer;
use serde_json::json;

use super::start_with_relay;

/// What was waited for, in order.
fn waits(answer: &Answer) -> Vec<String> {
    let Some(line) = answer.header("server-timing") else { return Vec::new() };
    line.split(", ")
        .map(|wait| {
            let (name, duration) = wait.split_once(";dur=").expect("each says how long");
            duration.parse::<u64>().expect("in milliseconds");
            name.to_owned()
        })
        .collect()
}

#[tokio::test]
async fn answers_say_what_was_waited_for_where_the_settings_ask_for_it() {
    let (stack, _relay) = start_with_relay(|settings| {
        settings["server_timing"] = json!(true);
        settings["tenants"][0]["routes"] = json!([
            { "path": "/public", "policy": "public" },
            { "path": "/asks", "policy": "session", "revocation": "ask" },
        ]);
    })
    .await;
    let (mut ada, _) = stack.signed_in("ada").await;
    assert_eq!(waits(&stack.browser().get("/public").await), [""; 0]);
    assert_eq!(waits(&stack.browser().get("/").await), [""; 0], "nobody waited to be refused");
    assert_eq!(waits(&ada.get("/").await), ["sealgate-keyring", "sealgate-head"]);
    assert_eq!(waits(&ada.get("/").await), [""; 0]);
    stack.advance(Duration::from_secs(1)).await;
    assert_eq!(waits(&ada.get("/").await), [""; 0], "what is fetched behind a request is not waited for");
    assert_eq!(waits(&ada.get("/asks").await), ["sealgate-check"]);
    stack.advance(Duration::from_millis(1_001)).await;
    assert_eq!(waits(&ada.get("/").await), ["sealgate-head"]);

    // What was revoked more than a minute ago is in no head.
    let (bob, session) = stack.signed_in("bob").await;
    stack.origin.revoke(&session).await;
    stack.advance(Duration::from_secs(61)).await;
    let cold = stack.another_edge().await;
    let refused = super::at(&cold, &bob).get("/").await;
    super::expect_revoked(&refused, "from the snapshot");
    assert_eq!(waits(&refused), ["sealgate-keyring", "sealgate-head", "sealgate-snapshot"]);
}

#[tokio::test]
async fn elsewhere_nothing_is_said_and_what_the_application_says_stays() {
    let (stack, _relay) = start_with_relay(|_| {}).await;
    let (mut ada, _) = stack.signed_in("ada").await;
    for _ in 0..2 {
        assert_eq!(ada.get("/").await.header("server-timing"), None);
        stack.advance(Duration::from_secs(10)).await;
    }
    let mut told = ada.with_header("x-answer-with", "server-timing: db;dur=7");
    assert_eq!(told.get("/").await.header("server-timing"), Some("db;dur=7"));
}
