//! Sessions made, asked about and revoked; requests.

use std::time::{Duration, Instant};

use sealgate_origin::store::RevokeKeysOutcome;
use serde_json::json;

use super::Scrape;
use crate::kit::{Ask, Origin};

#[tokio::test]
async fn mints_are_counted_by_outcome() {
    let origin = Origin::start().await;
    let mints = async |ok, refused, failed| {
        let scrape = Scrape::of(&origin).await;
        scrape.expect(&[
            ("sealgate_mints_total{outcome=\"ok\"}", ok),
            ("sealgate_mints_total{outcome=\"refused\"}", refused),
            ("sealgate_mints_total{outcome=\"failed\"}", failed),
        ]);
    };
    mints(0.0, 0.0, 0.0).await;
    origin.mint().await;
    let form = origin.browser("POST", "/auth/login").header("origin", "https://demo.test").form("name=ada");
    assert_eq!(form.send().await.status, 303);
    mints(2.0, 0.0, 0.0).await;

    let roles: Vec<String> = (10..26).map(|number| format!("{number}{}", "r".repeat(30))).collect();
    let body = json!({ "tenant": "demo", "actor_type": "a".repeat(32), "actor_id": "b".repeat(128), "roles": roles });
    origin.v1("POST", "/v1/sessions").json(&body).refused_field("invalid_field", "roles").await;
    mints(2.0, 1.0, 0.0).await;

    let database = origin.database().await;
    database.execute("alter table sessions rename to gone").await.unwrap();
    let body = json!({ "tenant": "demo", "actor_type": "user", "actor_id": "ada" });
    origin.v1("POST", "/v1/sessions").json(&body).refused(503, "database_unavailable").await;
    mints(2.0, 1.0, 1.0).await;
}

#[tokio::test]
async fn checks_are_counted_by_answer_and_source() {
    const LIVE: &str = "sealgate_checks_total{answer=\"live\",source=\"database\"}";
    const REMEMBERED: &str = "sealgate_checks_total{answer=\"live\",source=\"memory\"}";
    const REVOKED: &str = "sealgate_checks_total{answer=\"revoked\",source=\"database\"}";
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    origin.check(&minted.id).await;
    origin.check("ses-AAAAAAAAAAAAAAAAAAAAAA").await;
    let scrape = Scrape::of(&origin).await;
    scrape.expect(&[(LIVE, 1.0), (REVOKED, 1.0)]);
    assert_eq!(scrape.find(REMEMBERED), None, "nobody follows, so nothing is remembered");

    let app = origin.app.clone();
    let following = tokio::spawn(async move { app.office().keep_following(true).await });
    let begun = Instant::now();
    while Scrape::of(&origin).await.find(REMEMBERED).is_none() {
        assert!(begun.elapsed() < Duration::from_secs(30), "never from memory");
        origin.check(&minted.id).await;
    }
    let before = Scrape::of(&origin).await.value(LIVE);
    let body = json!({ "tenant": "demo", "session": minted.id, "exact": true });
    origin.internal("POST", "/internal/check").json(&body).send().await;
    Scrape::of(&origin).await.expect(&[(LIVE, before + 1.0)]);
    following.abort();
}

#[tokio::test]
async fn revocations_are_counted_by_kind_whoever_made_them() {
    let origin = Origin::start().await;
    let office = origin.app.office();
    let kinds = async |session, actor, tenant, key| {
        Scrape::of(&origin).await.expect(&[
            ("sealgate_revocations_total{kind=\"session\"}", session),
            ("sealgate_revocations_total{kind=\"actor\"}", actor),
            ("sealgate_revocations_total{kind=\"tenant\"}", tenant),
            ("sealgate_revocations_total{kind=\"key\"}", key),
        ]);
    };
    let minted = origin.mint().await;
    origin.v1("DELETE", &format!("/v1/sessions/{}", minted.id)).send().await;
    kinds(0.0, 0.0, 0.0, 0.0).await;

    let minted = origin.mint().await;
    origin.v1("DELETE", &format!("/v1/sessions/{}", minted.id)).send().await;
    kinds(1.0, 0.0, 0.0, 0.0).await;
    origin.v1("DELETE", &format!("/v1/sessions/{}", minted.id)).send().await;
    kinds(1.0, 0.0, 0.0, 0.0).await;

    origin.mint().await;
    origin.v1("DELETE", "/v1/actors/user/ada/sessions").send().await;
    kinds(1.0, 1.0, 0.0, 0.0).await;

    origin.mint().await;
    let (demo, database) = ("demo".parse().unwrap(), origin.database().await);
    let keys: Vec<(String,)> =
        database.rows("select id from signing_keys where tenant = 'demo' and state = 'active'").await;
    let revoked = office.revoke_keys(&demo, keys[0].0.parse().unwrap(), false).await.unwrap();
    assert!(matches!(revoked, RevokeKeysOutcome::Revoked(_)), "{revoked:?}");
    kinds(1.0, 1.0, 0.0, 1.0).await;

    origin.mint().await;
    let another = origin.start_another().await;
    another.office().disable_tenant(&demo).await.unwrap();
    kinds(1.0, 1.0, 1.0, 1.0).await;
    // Each application counts for itself, from when it is first asked.
    Scrape::through(another.private_router()).await.expect(&[("sealgate_revocations_total{kind=\"key\"}", 0.0)]);
}

#[tokio::test]
async fn requests_and_how_long_they_took_are_counted_by_listener() {
    const COUNT: &str = "sealgate_http_request_duration_seconds_count{listener=\"private\"}";
    const SUM: &str = "sealgate_http_request_duration_seconds_sum{listener=\"private\"}";
    const ALL: &str = "sealgate_http_request_duration_seconds_bucket{le=\"+Inf\",listener=\"private\"}";
    let origin = Origin::start().await;
    origin.mint().await;
    let before = Scrape::of(&origin).await;
    before.expect(&[(COUNT, 1.0), (ALL, 1.0)]);
    origin.mint().await;
    Ask::new(origin.app.public_router(), "GET", "/nowhere").refused(404, "not_found").await;
    let after = Scrape::of(&origin).await;
    after.expect(&[
        (COUNT, 2.0),
        (ALL, 2.0),
        ("sealgate_http_requests_total{listener=\"private\",status=\"2xx\"}", 2.0),
        ("sealgate_http_request_duration_seconds_count{listener=\"public\"}", 1.0),
    ]);
    assert!(after.value(SUM) > before.value(SUM));
}
