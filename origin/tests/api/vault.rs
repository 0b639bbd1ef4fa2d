//! Secrets at rest, in the database itself.

use sealgate_origin::app::{App, StartError};
use sealgate_origin::clock::Clock;
use sealgate_origin::config::KekSource;
use sealgate_origin::vault::Kek;
use sealgate_shared::secret::Secret32;
use serde_json::json;

use crate::kit::Origin;

/// Swaps the sealed keys of two rows and asks for a fresh start's opinion.
async fn expect_500_after(statements: &[&'static str]) {
    let origin = Origin::start().await;
    let database = origin.database().await;
    for sql in statements {
        sqlx::query(*sql).execute(&database).await.unwrap();
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
async fn with_another_kek_the_origin_does_not_start() {
    let origin = Origin::start().await;
    let mut config = origin.config.clone();
    config.kek = KekSource::Given(Kek::new(&Secret32::new([9; 32])));
    let error = App::build(&config, Clock::system()).await.unwrap_err();
    assert!(matches!(error, StartError::OtherKek(_)), "{error}");
}

#[tokio::test]
async fn a_kek_file_that_holds_something_else_stops_the_start() {
    let origin = Origin::start().await;
    std::fs::write(origin.folder.path().join("kek"), "not a key").unwrap();
    let error = App::build(&origin.config, Clock::system()).await.unwrap_err();
    assert!(matches!(error, StartError::KekFile(_)), "{error}");
}
