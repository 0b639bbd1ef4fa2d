//! What is told of sign-ins that came to nothing, and to whom.

use std::time::Duration;

use sealgate_test_provider::{Endpoint, Reply};
use serde_json::json;

use super::site::{Site, cookies_of};

#[tokio::test]
async fn the_page_is_the_same_whatever_went_wrong() {
    let site = Site::start().await;
    let mut pages = Vec::new();
    for claims in [json!({ "nonce": "x" }), json!({ "aud": "x" }), json!({ "exp": 1 })] {
        site.provider.plan(|plan| plan.claims = claims);
        let answer = site.sign_in("return_to=/orders").await;
        assert_eq!((answer.status.as_u16(), answer.set_cookies().len()), (400, 0));
        assert_eq!(answer.headers["content-type"], "text/html; charset=utf-8");
        assert!(answer.headers["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
        pages.push(answer.text());
    }
    let begun = site.begin("", "").await;
    pages.push(site.come_back(&site.provider.authorize(&begun.location).with("state", "x"), "").await.text());
    for page in &mut pages[..3] {
        assert!(page.contains("href=\"/auth/login?return_to=%2Forders\""), "{page}");
        *page = page.replace("?return_to=%2Forders", "");
    }
    pages.dedup();
    assert_eq!(pages.len(), 1);
    let reasons = ["example nonce", "example audience", "example expired", "- response_malformed"];
    assert_eq!(site.failures().await, reasons);
}

#[tokio::test]
async fn people_are_told_what_they_and_the_provider_said() {
    let site = Site::start().await;
    for (error, told, reason) in [
        ("access_denied", "You cancelled", "denied"),
        ("temporarily_unavailable", "<strong>temporarily_unavailable</strong>", "provider_error"),
        ("<b>call 555</b>", "The provider said no", "provider_error"),
    ] {
        let begun = site.begin("return_to=/orders", "").await;
        let back = site.provider.refuse(&begun.location, error).with("error_description", "call 555");
        let answer = site.come_back(&back, &begun.cookie).await;
        assert_eq!(answer.status, 400);
        let page = answer.text();
        assert!(page.contains(told) && !page.contains("555"), "{error}: {page}");
        assert!(page.contains("href=\"/auth/login?return_to=%2Forders\""), "{page}");
        assert_eq!(site.failures().await.pop().unwrap(), format!("example {reason}"));
        assert_eq!(site.under_way().await, 0, "it is over");
        let stranger = site.come_back(&back, &begun.cookie).await.text();
        assert!(!stranger.contains(told), "nobody makes our page say so: {stranger}");
    }
}

#[tokio::test]
async fn a_provider_that_is_out_of_order_is_told_as_such() {
    let mut site = Site::start().await;
    let begun = site.begin("return_to=/orders", "").await;
    let back = site.provider.authorize(&begun.location);
    site.provider.stop();
    let answer = site.come_back(&back, &begun.cookie).await;
    assert_eq!((answer.status.as_u16(), answer.headers["retry-after"].to_str().unwrap()), (503, "5"));
    let page = answer.text();
    assert!(page.contains("cannot be reached") && page.contains("?return_to=%2Forders\""), "{page}");
    assert!(!page.contains("break-glass") && !page.contains("127.0.0.1"), "{page}");
    assert_eq!((site.failures().await, site.under_way().await), (vec!["example provider_unreachable".to_owned()], 0));
    site.provider.start_again().await;
    site.provider.plan(|plan| plan.reply(Endpoint::Token, Reply::json(503, &json!({}))));
    assert_eq!(site.sign_in("").await.status, 503);
    site.provider.behave();
    site.origin.wait(Duration::from_secs(3));
    cookies_of(&site.sign_in("").await);
}

#[tokio::test]
async fn a_provider_that_cannot_be_reached_at_the_beginning_leaves_nothing_behind() {
    let mut site = Site::start().await;
    site.provider.stop();
    let answer = site.set_out("example", "return_to=/orders", "").await;
    assert_eq!((answer.status.as_u16(), answer.set_cookies().len()), (503, 0));
    assert!(answer.text().contains("?return_to=%2Forders\""), "{}", answer.text());
    assert_eq!((site.failures().await, site.under_way().await), (vec!["example provider_unreachable".to_owned()], 0));
}

#[tokio::test]
async fn whoever_fails_over_and_over_fills_no_table() {
    let site = Site::start().await;
    let fail = async |address: &str| {
        let answer = site.origin.browser("GET", "/auth/oidc/callback").client(address).send().await;
        assert_eq!(answer.status, 400);
    };
    for _ in 0..40 {
        fail("203.0.113.7").await;
    }
    assert_eq!(site.failures().await.len(), 30);
    fail("203.0.113.8").await;
    assert_eq!(site.failures().await.len(), 31, "another's are written down");
    let metrics = site.origin.private("GET", "/metrics").send().await.text();
    assert!(metrics.contains("sealgate_sign_in_failures_total{reason=\"response_malformed\"} 41"), "all are counted");
    site.origin.wait(Duration::from_mins(1));
    fail("203.0.113.7").await;
    assert_eq!(site.failures().await.len(), 32);
}
