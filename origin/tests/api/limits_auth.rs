//! Limits on `/auth`, for each client address and tenant.

use std::time::Duration;

use sealgate_origin::limit::LimitSettings;

use crate::kit::{Answer, Ask, Origin};

const ADA: &str = "203.0.113.7";
const BOB: &str = "203.0.113.8";

async fn start(limits: LimitSettings) -> Origin {
    Origin::start_with(|config| config.limits = limits).await
}

fn limits(auth: &str, auth_write: &str) -> LimitSettings {
    LimitSettings { auth: Some(auth.parse().unwrap()), auth_write: Some(auth_write.parse().unwrap()), ..off() }
}

const fn off() -> LimitSettings {
    LimitSettings { auth: None, auth_write: None, auth_edge: None, credential_failures: None, back_channel: None }
}

fn retry_after(answer: &Answer) -> Duration {
    Duration::from_secs(answer.headers["retry-after"].to_str().unwrap().parse().unwrap())
}

#[tokio::test]
async fn what_the_wait_says_is_true_and_others_do_not_wait() {
    let origin = start(limits("5/m", "5/m")).await;
    let minted = origin.mint().await;
    let ask = |address: &str| origin.browser("GET", "/auth/session").cookie(&minted.cookie).client(address);
    for _ in 0..5 {
        assert_eq!(ask(ADA).send().await.status, 200);
    }
    // Every answer of the kit's is checked for `no-store`, and every refusal for its form.
    let refused = ask(ADA).refused(429, "rate_limited").await;
    let wait = retry_after(&refused);
    assert_eq!(wait, Duration::from_secs(12));
    assert!(refused.set_cookies().is_empty(), "nobody is signed out by it");
    assert_eq!(ask(BOB).send().await.status, 200, "another address");
    origin.wait(Duration::from_millis(11_999));
    ask(ADA).refused(429, "rate_limited").await;
    origin.wait(Duration::from_millis(1));
    assert_eq!(ask(ADA).send().await.status, 200);
    ask(ADA).refused(429, "rate_limited").await;
}

#[tokio::test]
async fn writing_has_a_limit_of_its_own_and_each_tenant_too() {
    let origin = start(limits("100/m", "2/m")).await;
    let write = || origin.browser("POST", "/auth/logout").client(ADA);
    for _ in 0..2 {
        assert_eq!(write().send().await.status, 200);
    }
    write().refused(429, "rate_limited").await;
    origin.browser("POST", "/auth/login").client(ADA).form("name=ada").refused(429, "rate_limited").await;
    assert_eq!(write().header("x-sealgate-tenant", "other").send().await.status, 200);
    assert_eq!(origin.browser("GET", "/auth/login").client(ADA).send().await.status, 200, "reading goes on");
    origin.browser("GET", "/auth/session").client(ADA).refused(401, "missing").await;
}

#[tokio::test]
async fn an_ipv6_address_counts_with_its_neighbours() {
    let origin = start(limits("100/m", "2/m")).await;
    let write = |address: &str| origin.browser("POST", "/auth/logout").client(address);
    assert_eq!(write("2001:db8::1").send().await.status, 200);
    assert_eq!(write("2001:db8::ffff:2").send().await.status, 200);
    write("2001:db8::3").refused(429, "rate_limited").await;
    assert_eq!(write("2001:db8:0:1::3").send().await.status, 200);
    // The same IPv4 address in two spellings.
    assert_eq!(write(ADA).send().await.status, 200);
    assert_eq!(write(&format!("::ffff:{ADA}")).send().await.status, 200);
    write(ADA).refused(429, "rate_limited").await;
}

#[tokio::test]
async fn nobody_else_is_believed_an_address() {
    let origin = start(limits("100/m", "2/m")).await;
    // Without a good edge credential the header changes nothing, and uses up nothing of its owner's.
    for number in 0..5 {
        let ask = origin.public("POST", "/auth/logout").client(ADA).header("x-sealgate-tenant", "demo");
        ask.header("x-sealgate-edge", &format!("dev.{number}")).refused(401, "edge_credential").await;
    }
    // Other headers that name addresses are not read.
    let write = |number: u8| {
        let ask = origin.browser("POST", "/auth/logout").client(ADA);
        ask.header("x-forwarded-for", &format!("198.51.100.{number}"))
            .header("forwarded", &format!("for=198.51.100.{number}"))
            .header("x-real-ip", &format!("198.51.100.{number}"))
    };
    assert_eq!(write(1).send().await.status, 200);
    assert_eq!(write(2).send().await.status, 200);
    write(3).refused(429, "rate_limited").await;
}

#[tokio::test]
async fn an_edge_has_to_say_where_it_has_an_address_from() {
    let limits = LimitSettings { auth_edge: Some("2/s".parse().unwrap()), ..limits("1/h", "1/h") };
    let origin = start(limits).await;
    let write = |source: &str, number: u8| {
        let ask = origin.browser("POST", "/auth/logout").client(&format!("198.51.100.{number}"));
        ask.header("x-sealgate-client-ip-source", source)
    };
    for number in 0..5 {
        assert_eq!(write("cf-connecting-ip", number).send().await.status, 200, "five people");
    }
    assert_eq!(write("x-forwarded-for", 5).send().await.status, 200);
    assert_eq!(write("", 6).send().await.status, 200);
    write("x-real-ip", 7).refused(429, "rate_limited").await;
}

#[tokio::test]
async fn clients_without_an_address_share_a_limit_of_their_edge_and_tenant() {
    let limits = LimitSettings { auth_edge: Some("3/s".parse().unwrap()), ..limits("1/h", "1/h") };
    let origin = start(limits).await;
    let (_, second) = origin.create_edge("second", &["demo"]).await;
    let write = || origin.browser("POST", "/auth/logout");
    for odd in ["", "nonsense", "203.0.113.7, 198.51.100.1"] {
        assert_eq!(write().client(odd).send().await.status, 200, "{odd:?} is no address");
    }
    assert_eq!(retry_after(&write().refused(429, "rate_limited").await), Duration::from_secs(1));
    assert_eq!(write().header("x-sealgate-edge", &second).send().await.status, 200);
    assert_eq!(write().header("x-sealgate-tenant", "other").send().await.status, 200);
    assert_eq!(write().client(ADA).send().await.status, 200);
    origin.wait(Duration::from_secs(1));
    assert_eq!(write().send().await.status, 200);
}

#[tokio::test]
async fn in_development_too_whoever_has_connected_is_the_edge_and_no_client() {
    let limits = LimitSettings { auth_edge: Some("2/s".parse().unwrap()), ..limits("1/h", "1/h") };
    let origin = start(limits).await;
    let write = |number: u8| origin.browser("POST", "/auth/logout").peer(&format!("198.51.100.{number}"));
    for number in 0..2 {
        assert_eq!(write(number).send().await.status, 200);
    }
    write(2).refused(429, "rate_limited").await;
    assert_eq!(write(2).client(ADA).send().await.status, 200);
}

#[tokio::test]
async fn a_busy_site_behind_one_edge_is_not_limited_by_default() {
    let origin = Origin::start().await;
    // All within one moment of a clock that stands still.
    for _ in 0..2_000 {
        origin.browser("GET", "/auth/session").refused(401, "missing").await;
    }
}

#[tokio::test]
async fn off_is_off() {
    let origin = start(off()).await;
    for _ in 0..700 {
        assert_eq!(origin.browser("POST", "/auth/logout").client(ADA).send().await.status, 200);
    }
}

#[tokio::test]
async fn every_route_of_auth_is_limited() {
    let origin = start(limits("1/m", "1/m")).await;
    let routes: [(&str, &str); 4] =
        [("GET", "/auth/session"), ("POST", "/auth/logout"), ("GET", "/auth/login"), ("POST", "/auth/login")];
    for (number, (method, path)) in routes.into_iter().enumerate() {
        let ask = || -> Ask { origin.browser(method, path).client(&format!("192.0.2.{number}")).form("name=ada") };
        assert_ne!(ask().send().await.status, 429);
        ask().refused(429, "rate_limited").await;
    }
}

#[tokio::test]
async fn refusals_are_counted_by_limit() {
    let origin =
        start(LimitSettings { credential_failures: Some("1/m".parse().unwrap()), ..limits("1/m", "1/m") }).await;
    for _ in 0..3 {
        origin.browser("GET", "/auth/session").client(ADA).send().await;
        origin.private("GET", "/internal/keyring").peer(BOB).send().await;
    }
    let text = origin.private("GET", "/metrics").send().await.text();
    for line in [
        "sealgate_rate_limited_total{limit=\"auth\"} 2",
        "sealgate_rate_limited_total{limit=\"failures_of_address\"} 2",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
}
