//! What is in the database, and what it means to those who ask.

use sealgate_origin::office::MintRequest;
use sealgate_origin::session::{Actor, Method};
use serde_json::json;

use crate::kit::Origin;
use crate::kit::database::Moment;

#[tokio::test]
async fn starting_again_changes_nothing_and_keeps_sessions_alive() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    let history = async || {
        let sql = "select version, installed_on from _sqlx_migrations order by version";
        origin.database().await.rows::<(i64, Moment)>(sql).await
    };
    let (before, dev_file) = (history().await, std::fs::read(origin.folder.path().join("dev.json")).unwrap());
    let again = origin.start_another().await;
    assert_eq!(history().await, before);
    assert_eq!(std::fs::read(origin.folder.path().join("dev.json")).unwrap(), dev_file, "the same secrets");
    drop(again);
    assert_eq!(origin.check(&minted.id).await, "live");
}

#[tokio::test]
async fn a_lost_dev_file_is_made_again_and_the_old_token_ends() {
    let origin = Origin::start().await;
    std::fs::remove_file(origin.folder.path().join("dev.json")).unwrap();
    origin.start_another().await;
    let file: serde_json::Value =
        serde_json::from_slice(&std::fs::read(origin.folder.path().join("dev.json")).unwrap()).unwrap();
    let token = file["service_token"].as_str().unwrap();
    assert_ne!(token, origin.token);
    let path = "/v1/sessions?actor_type=user&actor_id=ada";
    assert_eq!(origin.private("GET", path).bearer(token).send().await.status, 200);
    origin.v1("GET", path).refused(401, "service_token").await;
    // The edge's secret is the same: Workers that hold it go on.
    assert_eq!(origin.internal("GET", "/internal/keyring").send().await.status, 200);
}

#[tokio::test]
async fn a_tenant_goes_with_everything_that_is_its_own() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    origin.v1("DELETE", &format!("/v1/sessions/{}", minted.id)).send().await;
    let database = origin.database().await;
    database.execute("delete from sessions where tenant = 'demo'").await.unwrap();
    database.execute("delete from tenants where id = 'demo'").await.unwrap();
    for table in ["signing_keys", "service_tokens", "edge_tenants", "tenant_hosts"] {
        let left = database.number(&format!("select count(*) from {table} where tenant = 'demo'")).await;
        assert_eq!(left, 0, "{table}");
    }
    let told = database.number("select count(*) from revocations where tenant = 'demo'").await;
    assert_eq!(told, 1, "whoever follows the sequence is to see all of it");
    origin.browser("GET", "/auth/session").refused(401, "edge_credential").await;
    let body = json!({ "tenant": "demo", "actor_type": "user", "actor_id": "ada" });
    origin.v1("POST", "/v1/sessions").json(&body).refused(401, "service_token").await;
}

#[tokio::test]
async fn nobody_is_signed_in_to_a_tenant_that_was_deleted_beside_us() {
    let origin = Origin::start().await;
    origin.mint().await;
    let database = origin.database().await;
    database.execute("delete from sessions").await.unwrap();
    database.execute("delete from tenants where id = 'demo'").await.unwrap();
    let ada = Actor { kind: "user".parse().unwrap(), id: "ada".parse().unwrap() };
    let request = MintRequest::new("demo".parse().unwrap(), ada, Method::Backend);
    let error = origin.app.office().mint(&request).await.unwrap_err();
    assert_eq!(error.to_string(), "there is no tenant demo");
    assert_eq!(database.number("select count(*) from sessions").await, 0);
}
