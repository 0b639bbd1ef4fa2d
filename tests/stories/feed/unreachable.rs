//! The origin cannot be reached, or only its feed: each route does what it says, what was once seen to be revoked stays
//! so on all of them, and nobody is signed out.

use std::time::Duration;

use reqwest::Method;
use sealgate_tests::browser::Browser;
use sealgate_tests::relay::{Document, Exchange};
use sealgate_tests::stack::Stack;
use sealgate_tests::turnstile::Turnstile;
use serde_json::{Value, json};

use super::{age, at, expect_revoked, expect_unavailable, start_with_relay};

const OPEN_FOR_MS: u64 = 10_000;

/// Every route that needs a session.
const PATHS: [&str; 6] = ["/", "/closed", "/ask", "/open", "/none", "/asks"];

fn set_routes(settings: &mut Value) {
    settings["open_for_ms"] = json!(OPEN_FOR_MS);
    settings["tenants"][0]["routes"] = json!([
        { "path": "/public", "policy": "public" },
        { "path": "/closed", "policy": "session", "unreachable": "closed" },
        { "path": "/ask", "policy": "session", "unreachable": "ask" },
        { "path": "/open", "policy": "session", "unreachable": "open" },
        { "path": "/none", "policy": "session", "revocation": "none" },
        { "path": "/asks", "policy": "session", "revocation": "ask" },
    ]);
}

/// Somebody who is signed in, one whom the edge knows to be revoked, and one who is revoked without its knowing.
struct Cast {
    ada: Browser,
    bob: Browser,
    carol: Browser,
}

impl Cast {
    /// Signs them in. Carol's session ends in the very millisecond in which the edge asked for the last time.
    async fn gather(stack: &Stack) -> Self {
        let (mut ada, _) = stack.signed_in("ada").await;
        let (mut bob, bobs) = stack.signed_in("bob").await;
        let (mut carol, carols) = stack.signed_in("carol").await;
        assert_eq!(age(&bob.get("/").await), 0);
        stack.origin.revoke(&bobs).await;
        stack.advance(Duration::from_millis(1_001)).await;
        for browser in [&mut ada, &mut carol] {
            assert_eq!(age(&browser.get("/").await), 0);
        }
        stack.origin.revoke(&carols).await;
        Self { ada, bob, carol }
    }

    async fn expect_bob_refused_everywhere(&mut self, when: &str) {
        for path in PATHS {
            for method in [Method::GET, Method::POST] {
                let answer = self.bob.send(method.clone(), path, String::new()).await;
                expect_revoked(&answer, &format!("{method} {path} {when}"));
            }
        }
    }
}

async fn pass(stack: &Stack, ms: u64) {
    stack.advance(Duration::from_millis(ms)).await;
}

#[tokio::test]
async fn while_the_origin_is_gone_each_route_does_what_it_says_and_recovers_by_itself() {
    let mut turnstile = Turnstile::start().await;
    let stack = Stack::start_with(|settings| {
        set_routes(settings);
        turnstile.stand_before(&mut settings["origin_private"]);
    })
    .await;
    turnstile.open();
    let mut cast = Cast::gather(&stack).await;
    turnstile.turn_away();

    pass(&stack, 1_000).await;
    for path in ["/", "/closed", "/ask", "/open"] {
        assert_eq!(age(&cast.ada.get(path).await), 1_000, "{path}: what is known is good for a second");
    }
    cast.expect_bob_refused_everywhere("within the second").await;

    pass(&stack, 1).await;
    for path in ["/", "/closed", "/ask", "/asks"] {
        for browser in [&mut cast.ada, &mut cast.carol] {
            expect_unavailable(&browser.get(path).await, path);
        }
    }
    let page = cast.ada.clone().navigating().get("/closed").await;
    assert_eq!((page.status.as_u16(), page.set_cookies().len()), (503, 0));
    assert!(page.body.contains("You are still signed in"), "{}", page.body);
    for browser in [&mut cast.ada, &mut cast.carol] {
        assert_eq!(age(&browser.get("/open").await), 1_001, "as old as it is, and said to be");
        let none = browser.get("/none").await;
        assert_eq!((none.status.as_u16(), none.seen("x-sealgate-revocation-age-ms")), (200, None));
    }
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        expect_unavailable(&cast.ada.send(method.clone(), "/open", String::new()).await, method.as_str());
        assert_eq!(cast.ada.send(method, "/none", String::new()).await.status, 200);
    }
    assert_eq!(age(&cast.ada.send(Method::OPTIONS, "/open", String::new()).await), 1_001);
    cast.expect_bob_refused_everywhere("after the second").await;
    assert_eq!(stack.browser().get("/public").await.status, 200);

    pass(&stack, OPEN_FOR_MS - 1_001).await;
    assert_eq!(age(&cast.ada.get("/open").await), OPEN_FOR_MS);
    pass(&stack, 1).await;
    expect_unavailable(&cast.ada.get("/open").await, "open is over");
    assert_eq!(cast.ada.get("/none").await.status, 200);
    cast.expect_bob_refused_everywhere("after the time of `open`").await;
    let arrived = stack.upstream.requests();

    turnstile.open();
    pass(&stack, 1_000).await;
    for path in ["/", "/closed", "/ask", "/open", "/asks"] {
        expect_revoked(&cast.carol.get(path).await, path);
        assert_eq!(age(&cast.ada.get(path).await), 0, "{path}");
    }
    expect_revoked(&cast.carol.get("/none").await, "what happens to be known counts");
    cast.expect_bob_refused_everywhere("when the origin is back").await;
    assert_eq!(stack.upstream.requests(), arrived + 5);
    for (action, at_least) in [("closed", 8), ("ask", 2), ("open", 4)] {
        let line = format!("sealgate_edge_stale_total{{edge=\"dev\",action=\"{action}\"}}");
        pass(&stack, 1_001).await;
        assert_eq!(age(&cast.ada.get("/").await), 0);
        let counted = stack.origin.metrics(&line).await;
        assert!(counted >= at_least, "{action}: {counted}");
    }
}

/// Nothing of the feed is to be had, and all else is.
fn without_feed(exchange: &Exchange) -> Document {
    if exchange.path.contains("/feed/") { Document::new(503, "") } else { exchange.answer.clone() }
}

#[tokio::test]
async fn where_the_feed_alone_is_gone_a_route_that_asks_is_answered_and_tells_the_others() {
    let (stack, relay) = start_with_relay(set_routes).await;
    let mut cast = Cast::gather(&stack).await;
    relay.bend(without_feed);
    pass(&stack, 1_001).await;
    for path in ["/", "/closed"] {
        expect_unavailable(&cast.ada.get(path).await, path);
    }
    let checks = relay.count("/check");
    for (number, path) in ["/ask", "/asks", "/ask"].into_iter().enumerate() {
        assert_eq!(age(&cast.ada.get(path).await), 0, "{path}");
        assert_eq!(relay.count("/check"), checks + number + 1, "each time");
    }
    assert_eq!(cast.ada.send(Method::POST, "/ask", String::new()).await.status, 200, "whatever the method");
    assert_eq!(age(&cast.carol.get("/open").await), 1_001, "nobody knows");
    expect_revoked(&cast.carol.get("/ask").await, "the origin was asked");
    for path in PATHS {
        expect_revoked(&cast.carol.get(path).await, path);
    }
    cast.expect_bob_refused_everywhere("without the feed").await;
    let asked = relay.passed().len();
    for _ in 0..20 {
        expect_unavailable(&cast.ada.get("/").await, "/");
    }
    assert_eq!(relay.passed().len(), asked, "a feed that is gone is not asked for more than once a second");
    relay.straighten();
    pass(&stack, 1_000).await;
    assert_eq!(age(&cast.ada.get("/").await), 0);
}

#[tokio::test]
async fn an_isolate_that_never_held_a_set_is_open_to_nobody() {
    let (stack, relay) = start_with_relay(set_routes).await;
    let mut cast = Cast::gather(&stack).await;
    relay.bend(without_feed);
    let cold = stack.another_edge().await;
    let [mut ada, mut bob] = [&cast.ada, &cast.bob].map(|browser| at(&cold, browser));
    for path in ["/", "/closed", "/open"] {
        for browser in [&mut ada, &mut bob] {
            expect_unavailable(&browser.get(path).await, path);
        }
    }
    assert_eq!(ada.get("/none").await.status, 200);
    assert_eq!(age(&ada.get("/ask").await), 0);
    expect_revoked(&bob.get("/ask").await, "the origin was asked");
    expect_revoked(&bob.get("/open").await, "and nobody else needs to");
    cast.expect_bob_refused_everywhere("at the other edge").await;
    relay.straighten();
    stack.advance(Duration::from_secs(1)).await;
    cold.set_clock(stack.now()).await;
    assert_eq!(age(&ada.get("/open").await), 0);
}
