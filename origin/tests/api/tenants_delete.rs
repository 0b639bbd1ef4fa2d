//! Deleting a tenant: everything of it goes, and nothing of anybody else's.

use std::time::Duration;

use sealgate_shared::id::{EdgeId, TenantId};
use sealgate_shared::keyring::KeyringDocument;
use serde_json::json;

use super::internal_keyring::open_ring;
use super::tenants::Operator;
use crate::kit::Origin;
use crate::kit::database::Moment;

/// How many rows of each table are the tenant's.
async fn count(origin: &Origin, tenant: &str) -> [i64; 6] {
    let database = origin.database().await;
    let mut counts = [0; 6];
    let tables = ["sessions", "signing_keys", "service_tokens", "tenant_hosts", "edge_tenants"];
    for (count, table) in counts.iter_mut().zip(tables) {
        *count = database.number(&format!("select count(*) from {table} where tenant = '{tenant}'")).await;
    }
    counts[5] = database.number(&format!("select count(*) from tenants where id = '{tenant}'")).await;
    counts
}

#[tokio::test]
async fn it_takes_everything_of_the_tenant_and_nothing_else() {
    let operator = Operator::start().await;
    let origin = &operator.origin;
    let (live, ended) = (origin.mint().await, origin.mint().await);
    origin.v1("DELETE", &format!("/v1/sessions/{}", ended.id)).send().await;
    let hosts = json!({ "hosts": ["demo.test"] });
    operator.ask("PUT", "/v1/tenants/demo/hosts").json(&hosts).send().await;
    origin.create_edge("narrow", &["demo"]).await;
    let others = count(origin, "other").await;
    assert_eq!(count(origin, "demo").await, [2, 2, 1, 1, 2, 1]);

    let deleted = operator.must("DELETE", "/v1/tenants/demo?confirm=demo", 200).await;
    assert_eq!(deleted, json!({ "sessions": 2, "keys": 2, "tokens": 1 }));
    assert_eq!(count(origin, "demo").await, [0; 6]);
    assert_eq!(count(origin, "other").await, others);

    operator.ask("GET", "/v1/tenants/demo").refused(404, "tenant_not_found").await;
    operator.ask("DELETE", "/v1/tenants/demo?confirm=demo").refused(404, "tenant_not_found").await;
    let body = json!({ "tenant": "demo", "actor_type": "user", "actor_id": "ada" });
    origin.v1("POST", "/v1/sessions").json(&body).refused(401, "service_token").await;
    origin.browser("GET", "/auth/session").cookie(&live.cookie).refused(401, "edge_credential").await;
    assert!(open_ring(origin).await.keys.iter().all(|key| key.tenant.as_str() == "other"));
    let check = json!({ "tenant": "demo", "session": live.id });
    let check = origin.internal("POST", "/internal/check").json(&check);
    check.refused(403, "tenant_not_allowed").await;
}

#[tokio::test]
async fn it_asks_to_be_sure() {
    let operator = Operator::start().await;
    let minted = operator.origin.mint().await;
    for query in ["", "?confirm=", "?confirm=other", "?confirm=Demo", "?confirm=true"] {
        let refused = operator.ask("DELETE", &format!("/v1/tenants/demo{query}")).refused(422, "confirmation_required");
        assert_eq!(refused.await.json()["field"], "confirm");
    }
    operator.ask("DELETE", "/v1/tenants/demo?confirm=demo&force=1").refused_field("unknown_field", "force").await;
    operator
        .ask("DELETE", "/v1/tenants/demo?confirm=demo&confirm=demo")
        .refused_field("unknown_field", "confirm")
        .await;
    assert_eq!(operator.origin.check(&minted.id).await, "live");
    assert_eq!(count(&operator.origin, "demo").await, [1, 2, 1, 0, 1, 1]);
}

#[tokio::test]
async fn the_sequence_tells_of_it_after_the_tenant_is_gone() {
    let operator = Operator::start().await;
    let origin = &operator.origin;
    let minted = origin.mint().await;
    origin.v1("DELETE", &format!("/v1/sessions/{}", minted.id)).send().await;
    origin.mint().await;
    origin.wait(Duration::from_secs(5));
    operator.must("DELETE", "/v1/tenants/demo?confirm=demo", 200).await;
    let sql = "select sequence, kind, tenant, issued_before from revocations order by sequence";
    let entries: Vec<(i64, String, String, Option<Moment>)> = origin.database().await.rows(sql).await;
    assert_eq!(
        entries,
        [
            (1, "session".into(), "demo".into(), None),
            (2, "tenant".into(), "demo".into(), Some(Moment("2026-06-01T12:00:05.000Z".into()))),
        ]
    );
}

#[tokio::test]
async fn the_same_name_is_another_tenant() {
    let operator = Operator::start().await;
    let origin = &operator.origin;
    let before = origin.mint().await;
    let demo: TenantId = "demo".parse().unwrap();
    // It has the keys in memory, and nobody tells it.
    let another = origin.start_another().await;
    another.office().keys(&demo).await.unwrap();
    operator.must("DELETE", "/v1/tenants/demo?confirm=demo", 200).await;
    operator.create(json!({ "id": "demo" })).await;

    let (secret, credential) = origin.create_edge("new", &["demo"]).await;
    let new: EdgeId = "new".parse().unwrap();
    let ring = origin.private("GET", "/internal/keyring").header("x-sealgate-edge", &credential).send().await;
    assert_eq!(KeyringDocument::open(&ring.body, &new, &secret).unwrap().keys.len(), 2);
    let browser =
        |cookie: &str| origin.browser("GET", "/auth/session").header("x-sealgate-edge", &credential).cookie(cookie);
    browser(&before.cookie).refused(401, "unknown_kid").await;
    origin.browser("GET", "/auth/session").refused(401, "edge_credential").await;

    let token = origin.create_token("demo", "sessions:mint sessions:read").await;
    let show = origin.private("GET", &format!("/v1/sessions/{}", before.id)).bearer(&token);
    show.refused(404, "session_not_found").await;
    let body = json!({ "tenant": "demo", "actor_type": "user", "actor_id": "ada" });
    let ask = crate::kit::Ask::new(another.private_router(), "POST", "/v1/sessions").bearer(&token).json(&body);
    let minted = ask.send().await;
    assert_eq!(minted.status, 201, "{}", minted.text());
    let line = minted.json()["set_cookie"][0].as_str().unwrap().to_owned();
    assert_eq!(browser(line.split(';').next().unwrap()).send().await.status, 200);
}

#[tokio::test]
async fn its_sealed_keys_are_nowhere_in_the_database_any_more() {
    let operator = Operator::start().await;
    let origin = &operator.origin;
    origin.mint().await;
    origin.app.office().rotate(&"demo".parse().unwrap()).await.unwrap();
    let database = origin.database().await;
    let mut sealed: Vec<(Vec<u8>,)> = database.rows("select sealed from signing_keys where tenant = 'demo'").await;
    sealed.extend(database.rows::<(Vec<u8>,)>("select fingerprint_key from tenants where id = 'demo'").await);
    assert_eq!(sealed.len(), 4);
    let is_stored = async |sealed: &[u8]| {
        let everything = database.everything().await;
        // In a dump as text it is in hexadecimal.
        let digits = sealed.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let hex: String = digits.map(|digit| char::from_digit(digit.into(), 16).unwrap()).collect();
        let holds = |wanted: &[u8]| everything.windows(wanted.len()).any(|window| window == wanted);
        holds(sealed) || holds(hex.as_bytes())
    };
    for (sealed,) in &sealed {
        assert!(is_stored(sealed).await, "or this proves nothing");
    }
    operator.must("DELETE", "/v1/tenants/demo?confirm=demo", 200).await;
    if origin.config.database.file().is_some() {
        // The pages as they were before leave the log with the next checkpoint.
        let checkpoint: Vec<(i64, i64, i64)> = database.rows("pragma wal_checkpoint(truncate)").await;
        assert_eq!(checkpoint[0].0, 0, "nobody is in its way");
    }
    for (sealed,) in &sealed {
        assert!(!is_stored(sealed).await);
    }
}

#[tokio::test]
async fn development_makes_anew_what_was_deleted_with_its_place_at_the_edge() {
    let operator = Operator::start().await;
    let version = open_ring(&operator.origin).await.version;
    operator.origin.start_another().await;
    assert_eq!(open_ring(&operator.origin).await.version, version, "nothing was absent");
    operator.must("DELETE", "/v1/tenants/demo?confirm=demo", 200).await;
    operator.origin.start_another().await;
    operator.origin.browser("GET", "/auth/session").refused(401, "missing").await;
    assert_eq!(open_ring(&operator.origin).await.keys.len(), 4);
}
