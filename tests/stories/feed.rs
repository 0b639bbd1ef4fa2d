//! The feed of revocations, from the origin's database to the edge's decision: how soon a revocation is felt, what that
//! costs, and what becomes of it when the feed is late, bent, or not to be had.

use reqwest::StatusCode;
use sealgate_tests::browser::{Answer, Browser};
use sealgate_tests::edge::Edge;
use sealgate_tests::relay::Relay;
use sealgate_tests::stack::{DEMO, Stack};
use serde_json::Value;

mod bound;
mod cached;
mod cold;
mod epochs;
mod hostile;
mod many;
mod pace;
mod sign_out;
mod timing;
mod unreachable;

/// The age, in milliseconds, from which a set decides nothing.
const HARD_MS: u64 = 1_000;

/// Everything, with a relay between the edge and the origin's private listener, after a change to the edge's settings.
async fn start_with_relay(change: impl FnOnce(&mut Value)) -> (Stack, Relay) {
    let relay = Relay::start().await;
    let stack = Stack::start_with(|settings| {
        relay.stand_before(&mut settings["origin_private"]);
        change(settings);
    })
    .await;
    (stack, relay)
}

/// The browser, at another edge.
fn at(edge: &Edge, browser: &Browser) -> Browser {
    let mut there = Browser::new(edge.address(), DEMO);
    there.cookies.clone_from(&browser.cookies);
    there
}

/// The age, in milliseconds, that the application was told of.
fn age(answer: &Answer) -> u64 {
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.seen("x-sealgate-revocation-age-ms").expect("an age is told").parse().unwrap()
}

/// That a request was not decided because nobody could, and nobody was signed out.
fn expect_unavailable(answer: &Answer, what: &str) {
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (503, "origin_unavailable"), "{what}");
    assert!(answer.set_cookies().is_empty(), "nobody is signed out: {what}");
}

/// That a request was refused because its session was revoked.
fn expect_revoked(answer: &Answer, what: &str) {
    assert_eq!(answer.status.as_u16(), 401, "{what}: {answer:?}");
    assert_eq!(answer.code(), "revoked", "{what}");
}
