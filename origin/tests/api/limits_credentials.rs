//! Limits on failed credentials, for each address and for each credential that is named.

use std::time::Duration;

use sealgate_shared::edge::EdgeSecret;
use sealgate_shared::secret::Secret32;
use serde_json::json;
use tokio::net::TcpListener;

use crate::kit::{Ask, Origin};

const EVE: &str = "198.51.100.66";
const ADA: &str = "203.0.113.7";

async fn start(rate: &str) -> Origin {
    Origin::start_with(|config| config.limits.credential_failures = Some(rate.parse().unwrap())).await
}

const LIST: &str = "/v1/sessions?actor_type=user&actor_id=ada";

/// A service token of the right form with this public id.
fn forge(id: &str) -> String {
    format!("sgt_{id}_{}", Secret32::new([7; 32]).expose_base64url())
}

/// Wrong credentials for service tokens and edges, none naming what another names.
fn wrong(origin: &Origin, number: u8) -> Ask {
    match number % 4 {
        0 => origin.private("GET", LIST),
        1 => origin.private("GET", LIST).bearer(&forge(&format!("AAAAAAAAA{}A", char::from(b'A' + number)))),
        2 => origin.private("GET", "/internal/keyring").header("x-sealgate-edge", "nonsense"),
        _ => {
            let edge = EdgeSecret::new(Secret32::new([7; 32])).credential(&format!("e{number}").parse().unwrap());
            origin.private("GET", "/internal/keyring").header("x-sealgate-edge", &edge)
        }
    }
}

#[tokio::test]
async fn an_address_that_keeps_failing_is_told_to_wait_and_the_wait_is_true() {
    let origin = start("8/m").await;
    for number in 0..8 {
        assert_eq!(wrong(&origin, number).peer(EVE).send().await.status, 401);
    }
    for number in 8..12 {
        let refused = wrong(&origin, number).peer(EVE).refused(429, "rate_limited").await;
        assert_eq!(refused.headers["retry-after"], "8");
    }
    assert_eq!(wrong(&origin, 12).peer(ADA).send().await.status, 401, "another address");
    origin.wait(Duration::from_millis(7_499));
    wrong(&origin, 13).peer(EVE).refused(429, "rate_limited").await;
    origin.wait(Duration::from_millis(501));
    assert_eq!(wrong(&origin, 14).peer(EVE).send().await.status, 401);
}

#[tokio::test]
async fn a_right_credential_passes_beside_any_flood() {
    let origin = start("2/m").await;
    let forged_token = forge(&origin.token[4..15]);
    let forged_edge = EdgeSecret::new(Secret32::new([7; 32])).credential(&"dev".parse().unwrap());
    for _ in 0..20 {
        // In its name and from its address.
        origin.private("GET", LIST).bearer(&forged_token).peer(ADA).send().await;
        origin.private("GET", "/internal/keyring").header("x-sealgate-edge", &forged_edge).peer(ADA).send().await;
    }
    origin.private("GET", LIST).bearer(&forged_token).peer(ADA).refused(429, "rate_limited").await;
    for peer in [ADA, EVE] {
        assert_eq!(origin.v1("GET", LIST).peer(peer).send().await.status, 200);
        assert_eq!(origin.internal("GET", "/internal/keyring").peer(peer).send().await.status, 200);
        origin.browser("GET", "/auth/session").peer(peer).refused(401, "missing").await;
    }
}

#[tokio::test]
async fn a_credential_that_many_addresses_try_is_limited_for_those_who_fail() {
    let origin = start("5/m").await;
    let forged = forge(&origin.token[4..15]);
    let attempt = |number: u8| origin.private("GET", LIST).bearer(&forged).peer(&format!("198.51.100.{number}"));
    for number in 0..5 {
        attempt(number).refused(401, "service_token").await;
    }
    assert_eq!(attempt(5).refused(429, "rate_limited").await.headers["retry-after"], "12");
    // One that does not exist is answered in the same way: nothing tells whether it does.
    let invented = forge("AAAAAAAAAAA");
    let attempt = |number: u8| origin.private("GET", LIST).bearer(&invented).peer(&format!("192.0.2.{number}"));
    for number in 0..5 {
        attempt(number).refused(401, "service_token").await;
    }
    attempt(5).refused(429, "rate_limited").await;
    // An address from which one such attempt came is no worse off for it.
    assert_eq!(wrong(&origin, 0).peer("192.0.2.5").send().await.status, 401);
}

#[tokio::test]
async fn on_the_public_listener_too() {
    let origin = start("2/m").await;
    let ask = |number: u8| {
        let ask = origin.public("GET", "/auth/session").header("x-sealgate-tenant", "demo");
        ask.peer(EVE).client(&format!("203.0.113.{number}"))
    };
    for number in 0..2 {
        ask(number).refused(401, "edge_credential").await;
    }
    ask(2).refused(429, "rate_limited").await;
}

#[tokio::test]
async fn the_address_is_the_connections_and_no_header_changes_it() {
    let origin = start("3/m").await;
    let private = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let public = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}{LIST}", private.local_addr().unwrap());
    tokio::spawn(origin.app.clone().serve(public, private, std::future::pending()));
    let client = reqwest::Client::new();
    let mut statuses = Vec::new();
    for number in 0..5 {
        let request = client.get(&url).header("x-forwarded-for", format!("198.51.100.{number}"));
        let request = request.header("x-sealgate-client-ip", format!("198.51.100.{number}"));
        let request = request.header("x-sealgate-client-ip-source", "cf-connecting-ip");
        statuses.push(request.send().await.unwrap().status().as_u16());
    }
    assert_eq!(statuses, [401, 401, 401, 429, 429]);
    assert_eq!(client.get(&url).bearer_auth(&origin.token).send().await.unwrap().status(), 200);
}

/// Statuses of wrong credentials from one connection, each with another `X-Forwarded-For`.
async fn through_a_proxy(trusted: &str, forwarded: impl Fn(u8) -> String) -> Vec<u16> {
    let origin = Origin::start_with(|config| {
        config.limits.credential_failures = Some("3/m".parse().unwrap());
        config.trusted_proxies = vec![trusted.parse().unwrap()];
    })
    .await;
    let mut statuses = Vec::new();
    for number in 0..5 {
        let private = wrong(&origin, number).peer("10.0.0.1");
        // By whatever listener.
        let public = origin.public("GET", "/auth/session").header("x-sealgate-tenant", "demo").peer("10.0.0.1");
        let ask = if number % 2 == 0 { private } else { public };
        statuses.push(ask.header("x-forwarded-for", &forwarded(number)).send().await.status.as_u16());
    }
    statuses
}

#[tokio::test]
async fn proxies_that_are_named_are_believed_and_no_others() {
    let (different, same) = (|number| format!("198.51.100.{number}"), |_| ADA.to_owned());
    assert_eq!(through_a_proxy("10.0.0.0/8", different).await, [401; 5], "each is somebody else");
    assert_eq!(through_a_proxy("10.0.0.0/8", same).await, [401, 401, 401, 429, 429]);
    assert_eq!(through_a_proxy("10.1.0.0/16", different).await, [401, 401, 401, 429, 429], "a stranger says so");
    // What the client wrote itself stands left of what the proxy added.
    let invented = |number| format!("198.51.100.{number}, {ADA}");
    assert_eq!(through_a_proxy("10.0.0.0/8", invented).await, [401, 401, 401, 429, 429]);
    let of_ours_too = |number| format!("198.51.100.{number}, {ADA}, 10.9.9.9");
    assert_eq!(through_a_proxy("10.0.0.0/8", of_ours_too).await, [401, 401, 401, 429, 429]);
}

#[tokio::test]
async fn thousands_of_invented_addresses_lock_nobody_out_and_free_nobody() {
    // A hundred thousand, and how much room they take, are in `src/limit/meter.rs`.
    let origin = start("2/m").await;
    for _ in 0..3 {
        wrong(&origin, 0).peer(EVE).send().await;
    }
    for number in 0..5_000_u32 {
        let [_, a, b, c] = number.to_be_bytes();
        assert_eq!(wrong(&origin, 0).peer(&format!("10.{a}.{b}.{c}")).send().await.status, 401);
    }
    wrong(&origin, 0).peer(EVE).refused(429, "rate_limited").await;
    assert_eq!(origin.v1("GET", LIST).peer(EVE).send().await.status, 200);
}

#[tokio::test]
async fn a_401_says_how_to_do_better() {
    let origin = Origin::start().await;
    let challenge = async |ask: Ask| {
        let answer = ask.send().await;
        assert_eq!(answer.status, 401, "{}", answer.text());
        answer.headers["www-authenticate"].to_str().unwrap().to_owned()
    };
    assert_eq!(challenge(origin.private("GET", LIST)).await, "Bearer");
    assert_eq!(challenge(origin.private("GET", "/internal/keyring")).await, "Sealgate-Edge");
    let check = json!({ "tenant": "demo", "session": "ses-AAAAAAAAAAAAAAAAAAAAAA" });
    assert_eq!(challenge(origin.private("POST", "/internal/check").json(&check)).await, "Sealgate-Edge");
    assert_eq!(challenge(origin.public("POST", "/auth/logout")).await, "Sealgate-Edge");
    assert_eq!(challenge(origin.browser("GET", "/auth/session")).await, "Sealgate-Session");
    assert_eq!(challenge(origin.browser("GET", "/auth/session").cookie("__Host-sg=x")).await, "Sealgate-Session");
}
