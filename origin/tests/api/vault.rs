//! Secrets at rest, in the database itself.

use sealgate_origin::app::{App, StartError};
use sealgate_origin::clock::Clock;
use sealgate_origin::config::KekSource;
use sealgate_origin::store::SealedColumn;
use sealgate_origin::vault::{Kek, Keks, Place, Vault};
use sealgate_shared::secret::Secret32;
use serde_json::json;

use crate::kit::Origin;

/// Swaps the sealed keys of two rows and asks for a fresh start's opinion.
async fn expect_500_after(statements: &[&'static str]) {
    let origin = Origin::start().await;
    let database = origin.database().await;
    for sql in statements {
        database.execute(sql).await.unwrap();
    }
    let body = json!({ "tenant": "demo", "actor_type": "user", "actor_id": "ada" });
    let answer = origin.v1("POST", "/v1/sessions").json(&body).refused(500, "internal").await;
    assert!(!answer.text().contains("seal"), "the client learns nothing: {}", answer.text());
    origin.internal("GET", "/internal/keyring").refused(500, "internal").await;
}

#[tokio::test]
async fn a_blob_moved_to_another_row_does_not_open() {
    expect_500_after(&["update signing_keys set sealed = (select sealed from signing_keys as other \
        where other.tenant = 'demo' and other.state = 'pending') where tenant = 'demo' and state = 'active'"])
    .await;
}

#[tokio::test]
async fn a_blob_moved_to_another_tenant_does_not_open() {
    expect_500_after(&["update signing_keys set sealed = (select sealed from signing_keys as other \
        where other.tenant = 'other' and other.state = 'active') where tenant = 'demo' and state = 'active'"])
    .await;
}

#[tokio::test]
async fn a_whole_row_moved_to_another_tenant_does_not_open() {
    expect_500_after(&[
        "update signing_keys set state = 'retired' where tenant = 'demo' and state = 'active'",
        "update signing_keys set tenant = 'demo' where tenant = 'other' and state = 'active'",
    ])
    .await;
}

#[tokio::test]
async fn a_blob_moved_to_another_column_does_not_open() {
    expect_500_after(&["update signing_keys set sealed = (select fingerprint_key from tenants where id = 'demo') \
        where tenant = 'demo' and state = 'active'"])
    .await;
}

#[tokio::test]
async fn a_fingerprint_key_moved_to_another_tenant_does_not_open() {
    expect_500_after(&["update tenants set fingerprint_key = (select fingerprint_key from tenants as other \
        where other.id = 'other') where id = 'demo'"])
    .await;
}

/// Asks for the keyring of the edge `dev`, which is refused, and says nothing of why.
async fn expect_no_keyring(origin: &Origin) {
    let answer = origin.internal("GET", "/internal/keyring").refused(500, "internal").await;
    assert!(!answer.text().contains("seal"), "the client learns nothing: {}", answer.text());
    let found = origin.app.office().try_every_secret().await.unwrap();
    assert_eq!(found.failures.len(), 1);
    let failure = found.failures[0].to_string();
    assert!(failure.ends_with("of dev does not open: it was altered or moved"), "{failure}");
}

#[tokio::test]
async fn a_secret_moved_to_another_edge_does_not_open() {
    let origin = Origin::start().await;
    origin.create_edge("paris", &["demo", "other"]).await;
    let sql = "update edges set sealed_secret = (select sealed_secret from edges as other where other.id = 'paris') \
        where id = 'dev'";
    origin.database().await.execute(sql).await.unwrap();
    expect_no_keyring(&origin).await;
}

#[tokio::test]
async fn an_edges_two_secrets_do_not_open_in_each_others_place() {
    let origin = Origin::start().await;
    let database = origin.database().await;
    let copy = "update edges set next_sealed_secret = sealed_secret, next_auth_hash = auth_hash where id = 'dev'";
    database.execute(copy).await.unwrap();
    let found = origin.app.office().try_every_secret().await.unwrap();
    let failures: Vec<String> = found.failures.iter().map(ToString::to_string).collect();
    assert_eq!(failures, ["edges.next_sealed_secret of dev does not open: it was altered or moved"]);

    let kek = std::fs::read_to_string(origin.folder.path().join("kek")).unwrap();
    let vault = Vault::new(Keks::parse(&kek).unwrap());
    let next = Place { table: "edges", column: "next_sealed_secret", row: "dev", tenant: None };
    database.execute("update edges set next_sealed_secret = null, next_auth_hash = null").await.unwrap();
    let store = origin.app.office().store();
    let old = store.sealed_page(SealedColumn::EdgeSecret, "", 1).await.unwrap().remove(0).sealed;
    let new = vault.seal(&next, &Secret32::new([7; 32])).unwrap();
    assert!(store.replace_sealed(SealedColumn::EdgeSecret, "dev", &old, &new).await.unwrap());
    expect_no_keyring(&origin).await;
}

#[tokio::test]
async fn with_another_kek_the_origin_does_not_start() {
    let origin = Origin::start().await;
    let mut config = origin.config.clone();
    config.kek = KekSource::Given(Kek::new(&Secret32::new([9; 32])).into());
    let error = App::build(&config, Clock::system()).await.unwrap_err();
    assert!(matches!(error, StartError::OtherKek(_)), "{error}");
}

#[tokio::test]
async fn a_kek_file_that_holds_something_else_stops_the_start() {
    let origin = Origin::start().await;
    std::fs::write(origin.folder.path().join("kek"), "not a key").unwrap();
    let error = App::build(&origin.config, Clock::system()).await.unwrap_err();
    assert!(matches!(error, StartError::KekFile(..)), "{error}");
}
