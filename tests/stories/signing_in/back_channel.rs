//! Somebody signs out at the provider, which tells us: refused at the edge within the feed's bound.

use std::time::Duration;

use sealgate_test_database::Engine;
use sealgate_test_provider::Provider;
use serde_json::json;

use super::{ID, Site, log_out, send_logout, send_logout_to};
use crate::refresh::{LIFETIME, expect_out};

/// What the feed may be old.
const BOUND: Duration = Duration::from_millis(1_001);

async fn logout(engine: Engine) {
    let site = Site::start_on(engine).await;
    let (mut laptop, mut phone) = (site.signed_in("ada", "sid-1").await, site.signed_in("ada", "sid-2").await);
    let mut bob = site.signed_in("bob", "sid-3").await;

    // Another of this issuer, and one whose subject and session do not belong together.
    for claims in
        [json!({ "sub": "eve" }), json!({ "sub": null, "sid": "sid-9" }), json!({ "sub": "bob", "sid": "sid-1" })]
    {
        let answer = site.log_out(&claims).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("cache-control")),
            (200, Some("no-store")),
            "{claims}: {answer:?}"
        );
    }
    site.world.stack.advance(BOUND).await;
    for (browser, name) in [(&mut laptop, "the laptop"), (&mut phone, "the phone"), (&mut bob, "bob")] {
        assert_eq!(browser.get("/orders").await.status, 200, "{name}");
    }

    // One of the provider's sessions.
    let token = site.provider.logout(&json!({ "sid": "sid-1" })).sign();
    let answer = send_logout(&site.world, ID, &token).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.set_cookies().is_empty(), "{answer:?}");
    site.world.stack.advance(BOUND).await;
    // A script is told; a person is sent to sign in.
    let mut script = site.world.browser();
    script.cookies = laptop.cookies.clone();
    expect_out(&script.get("/orders").await, "revoked", "the laptop");
    assert_eq!(phone.get("/orders").await.status, 200, "the phone");
    // Once more does no harm, whether the answer was lost or somebody has copied it.
    let again = send_logout(&site.world, ID, &token).await;
    assert!(matches!(again.status.as_u16(), 200 | 400), "{again:?}");
    assert_eq!(phone.get("/orders").await.status, 200, "the phone");

    // All of theirs.
    assert_eq!(site.log_out(&json!({ "sub": "ada" })).await.status, 200);
    site.world.stack.advance(BOUND).await;
    script.cookies = phone.cookies.clone();
    expect_out(&script.get("/orders").await, "revoked", "the phone");
    assert_eq!(bob.get("/orders").await.status, 200, "bob");

    // Nothing comes back when the access token is dead and the refresh token is shown; signing in does.
    site.world.stack.advance(LIFETIME).await;
    expect_out(&script.get("/orders").await, "revoked", "the phone, later");
    assert_eq!(bob.get("/orders").await.status, 200, "bob, later");
    let mut again = site.signed_in("ada", "sid-4").await;
    assert_eq!(again.get("/orders").await.status, 200);
}

#[tokio::test]
async fn whoever_signs_out_at_the_provider_is_refused_at_the_edge() {
    Box::pin(logout(Engine::Sqlite)).await;
}

#[tokio::test]
async fn whoever_signs_out_at_the_provider_is_refused_at_the_edge_on_postgres() {
    Box::pin(logout(Engine::Postgres)).await;
}

/// Two providers, who name people and sessions alike: what one says is of its own people.
#[tokio::test]
async fn a_provider_signs_out_nobody_but_its_own() {
    let site = Site::start_on(Engine::Sqlite).await;
    let clock = site.world.stack.clock();
    let other = Provider::start(move || clock.now().as_u64() / 1000).await;
    site.register("demo", "other", &other).await;
    let mut ada = site.signed_in("ada", "sid-1").await;
    for claims in [json!({ "sub": "ada" }), json!({ "sub": null, "sid": "sid-1" }), json!({ "sid": "sid-1" })] {
        assert_eq!(log_out(&site.world, &other, "other", &claims).await.status, 200, "{claims}");
    }
    site.world.stack.advance(BOUND).await;
    assert_eq!(ada.get("/orders").await.status, 200);
    assert_eq!(site.log_out(&json!({ "sub": "ada" })).await.status, 200);
    site.world.stack.advance(BOUND).await;
    assert_ne!(ada.get("/orders").await.status, 200, "its own");
}

/// The tenant is that of the host it was sent to.
#[tokio::test]
async fn a_logout_at_one_tenant_is_none_at_another() {
    let site = Site::start_on(Engine::Sqlite).await;
    site.register("other", ID, &site.provider).await;
    let mut ada = site.signed_in("ada", "sid-1").await;
    let elsewhere = sealgate_tests::browser::Browser::new(site.world.front.address(), sealgate_tests::stack::OTHER);
    let token = site.provider.logout(&json!({ "sub": "ada" })).sign();
    assert_eq!(send_logout_to(elsewhere, ID, &token).await.status, 200);
    site.world.stack.advance(BOUND).await;
    assert_eq!(ada.get("/orders").await.status, 200);
}
