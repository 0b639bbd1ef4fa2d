//! Somebody signs out at the provider while their sign-in is still under way here: the logout wins.

use std::time::Duration;

use sealgate_test_database::Engine;
use sealgate_test_provider::Endpoint;
use serde_json::{Value, json};

use super::Site;

async fn overtaken(engine: Engine, claims: Value) {
    let site = Site::start_on(engine).await;
    let mut ada = site.browser();
    let back = site.go_and_come_back(&mut ada, "ada", "sid-1").await;
    let held = site.provider.hold(Endpoint::Token);
    let target = back.target();
    let (answer, ()) = tokio::join!(ada.get(&target), async {
        held.arrival().await;
        assert_eq!(site.log_out(&claims).await.status, 200, "{claims}");
        held.release();
    });
    assert_eq!(answer.status, 400, "{claims}: {answer:?}");
    assert!(!answer.set_cookies().iter().any(|line| line.starts_with("__Host-sg=v1")), "{answer:?}");
    assert!(!ada.cookies.contains_key("__Host-sg") && !ada.cookies.contains_key("__Host-sg_refresh"), "{claims}");
    let reasons = "sealgate_sign_in_failures_total{reason=\"logged_out\"}";
    assert_eq!(site.world.stack.origin.metrics(reasons).await, 1, "{claims}");
    // Somebody else, and the same person a second later.
    site.signed_in("bob", "sid-2").await;
    site.world.stack.advance(Duration::from_secs(1)).await;
    site.signed_in("ada", "sid-3").await;
}

#[tokio::test]
async fn a_logout_of_the_session_wins_over_the_sign_in_that_it_overtakes() {
    overtaken(Engine::Sqlite, json!({ "sub": null, "sid": "sid-1" })).await;
    overtaken(Engine::Postgres, json!({ "sub": null, "sid": "sid-1" })).await;
}

#[tokio::test]
async fn a_logout_of_the_person_wins_over_the_sign_in_that_it_overtakes() {
    overtaken(Engine::Sqlite, json!({ "sub": "ada" })).await;
    overtaken(Engine::Postgres, json!({ "sub": "ada" })).await;
}
