//! Floods of requests that are made to cost the origin something, many at once: it is asked a bounded number of
//! times, and people are let in beside them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};
use reqwest::{Method, StatusCode};
use sealgate_shared::id::KeyId;
use sealgate_tests::browser::Browser;
use sealgate_tests::scale;
use sealgate_tests::stack::Stack;
use sealgate_tests::turnstile::Turnstile;
use serde_json::json;

const ACCESS: &str = "__Host-sg";
const REFRESH: &str = "__Host-sg_refresh";

/// How many requests are under way at a time.
const AT_ONCE: usize = 32;

/// Of how many requests of a flood one is that of somebody who may come in.
const LEGITIMATE: usize = 50;

/// Sends a flood of cookies, and counts the answers by their code. Beside it somebody who is signed in asks for a page
/// now and then, and gets it.
async fn flood(count: usize, ada: &Browser, cookie: impl Fn(usize) -> String) -> BTreeMap<String, usize> {
    let begun = Instant::now();
    let requests = (0..count).map(|number| {
        let flooder = ada.clone().with_cookie(ACCESS, &cookie(number));
        // With hers they would be Ada.
        let (mut ada, mut flooder) = (ada.clone(), flooder.without_cookie(REFRESH));
        async move {
            if number % LEGITIMATE == 0 {
                assert_eq!(ada.get("/").await.seen("x-sealgate-actor-id").as_deref(), Some("ada"), "beside the flood");
            }
            flooder.get("/").await.code()
        }
    });
    let mut requests = stream::iter(requests).buffer_unordered(AT_ONCE);
    let mut codes = BTreeMap::new();
    while let Some(code) = requests.next().await {
        *codes.entry(code).or_default() += 1;
    }
    println!("{count} requests in {:.1} s: {codes:?}", begun.elapsed().as_secs_f32());
    codes
}

/// The token under a key id that nobody has ever made.
fn with_invented_kid(token: &str, number: usize) -> String {
    let kid = KeyId::new((number as u64 + 1).to_be_bytes()).to_string();
    let parts: Vec<&str> = token.split('.').collect();
    [parts[0], kid.strip_prefix("sk-").unwrap(), parts[2], parts[3]].join(".")
}

/// Everything, somebody who has been let in and is by what is known then for the whole story, and her token.
async fn start(turnstile: &mut Turnstile) -> (Stack, Browser, String) {
    let stack = Stack::start_with(|settings| {
        settings["open_for_ms"] = json!(3_600_000);
        settings["tenants"][0]["routes"] = json!([{ "path": "/", "policy": "session", "unreachable": "open" }]);
        turnstile.stand_before(&mut settings["origin_private"]);
    })
    .await;
    turnstile.open();
    let (mut ada, _) = stack.signed_in("ada").await;
    assert_eq!(ada.get("/").await.status, StatusCode::OK);
    let token = ada.cookies[ACCESS].clone();
    (stack, ada, token)
}

fn only(code: &str, count: usize) -> BTreeMap<String, usize> {
    BTreeMap::from([(code.to_owned(), count)])
}

#[tokio::test]
async fn forged_cookies_many_at_once_ask_nobody() {
    let mut turnstile = Turnstile::start().await;
    let (stack, ada, token) = start(&mut turnstile).await;
    let before = stack.origin.requests().await;
    let count = scale::count(1_000, 10_000);
    let mac_from = token.len() - 43;
    let forge = |number: usize| format!("{}{:0>43}", &token[..mac_from], format!("{number}A"));
    assert_eq!(flood(count, &ada, forge).await, only("bad_mac", count));
    assert_eq!(stack.origin.requests().await, before);
}

#[tokio::test]
async fn invented_key_ids_cost_a_head_in_half_a_second_and_nothing_while_it_is_fresh() {
    const STEP_MS: u64 = 250;
    let mut turnstile = Turnstile::start().await;
    let (stack, ada, token) = start(&mut turnstile).await;
    let (rounds, count) = (20, scale::count(1_000, 10_000));
    let begun = stack.origin.requests().await;
    let kid = |number| with_invented_kid(&token, number);
    for ms in [0, 499] {
        stack.advance(Duration::from_millis(ms)).await;
        let count = count / rounds;
        assert_eq!(flood(count, &ada, kid).await, only("unknown_kid", count));
        assert_eq!(stack.origin.requests().await, begun, "what is known is {ms} ms old");
    }
    for round in 0..rounds {
        stack.advance(Duration::from_millis(STEP_MS)).await;
        let kid = |number| with_invented_kid(&token, round * count + number);
        assert_eq!(flood(count / rounds, &ada, kid).await, only("unknown_kid", count / rounds));
        // The keyring is among what they do not cost.
        let asked = stack.origin.requests().await - begun;
        let passed = 499 + (round as u64 + 1) * STEP_MS;
        assert!(asked <= passed / 500, "{asked} questions in {passed} ms");
    }
    assert!(stack.origin.requests().await > begun, "it does look for new keys");
}

#[tokio::test]
async fn invented_key_ids_cost_one_try_a_second_while_the_origin_is_down() {
    let mut turnstile = Turnstile::start().await;
    let (stack, ada, token) = start(&mut turnstile).await;
    turnstile.turn_away();
    let (rounds, count) = (10, scale::count(1_000, 10_000));
    let before = turnstile.arrived();
    for round in 0..rounds {
        let kid = |number| with_invented_kid(&token, round * count + number);
        stack.advance(Duration::from_secs(1)).await;
        assert_eq!(
            flood(count / rounds, &ada, kid).await,
            only("origin_unavailable", count / rounds),
            "it may be a new one"
        );
        let tried = turnstile.arrived() - before;
        assert!((1..=round + 1).contains(&tried), "{tried} tries in {} seconds", round + 1);
    }
}

#[tokio::test]
async fn a_cold_edge_and_an_origin_that_is_down_meet_once_a_second() {
    let mut turnstile = Turnstile::start().await;
    let stack = Stack::start_with(|settings| turnstile.stand_before(&mut settings["origin_private"])).await;
    turnstile.turn_away();
    let (ada, _) = stack.signed_in("ada").await;
    for second in 1..=10 {
        stack.advance(Duration::from_secs(1)).await;
        let junk: Vec<_> =
            (0..scale::count(20, 1_000)).map(|number| ada.clone().with_cookie(ACCESS, &number.to_string())).collect();
        let mut requests = stream::iter(junk).map(|mut browser| async move { browser.get("/").await.code() });
        let mut requests = std::pin::pin!(requests.by_ref().buffer_unordered(4));
        while let Some(code) = requests.next().await {
            assert_eq!(code, "origin_unavailable");
        }
        assert!(turnstile.arrived() <= second, "{} tries in {second} seconds", turnstile.arrived());
    }
    turnstile.open();
    stack.advance(Duration::from_secs(1)).await;
    assert_eq!(ada.clone().get("/").await.status, StatusCode::OK, "it comes back as soon as the origin does");
}

#[tokio::test]
async fn revoked_tokens_cost_nothing() {
    let mut turnstile = Turnstile::start().await;
    let (stack, ada, _) = start(&mut turnstile).await;
    let sessions = scale::count(25, 500);
    let mut tokens = Vec::new();
    for _ in 0..sessions {
        let mut browser = stack.browser();
        browser.keep_session(&stack.origin.mint("mallory").await);
        tokens.push(browser.cookies[ACCESS].clone());
    }
    let revoked = stack.origin.ask(Method::DELETE, "/v1/actors/user/mallory/sessions", None).await;
    assert_eq!(revoked.json(), json!({ "revoked": sessions }));

    stack.advance(Duration::from_millis(1_001)).await;
    let (begun, count) = (stack.origin.requests().await, scale::count(1_000, 10_000));
    let token = |number: usize| tokens[number % sessions].clone();
    assert_eq!(flood(count, &ada, token).await, only("revoked", count));
    assert_eq!(stack.origin.requests().await - begun, 1, "the head that tells of all of them");

    // What is revoked stays so, and nobody is asked about it, however long ago that was.
    for _ in 0..5 {
        stack.advance(Duration::from_mins(1)).await;
        for token in &tokens {
            let mut mallory = ada.clone().without_cookie(REFRESH).with_cookie(ACCESS, token);
            assert_eq!(mallory.get("/").await.code(), "revoked");
        }
    }
    assert_eq!(stack.origin.requests().await - begun, 1, "as before");
    assert_eq!(flood(count, &ada, token).await, only("revoked", count));
    assert_eq!(stack.origin.requests().await - begun, 2, "and one head for whoever may come in");
}
