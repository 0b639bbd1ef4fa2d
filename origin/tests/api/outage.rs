//! A database that fails is our fault: 503, never 401, whoever asks for what.

use serde_json::json;

use crate::kit::{Ask, Origin};

/// Every route that needs the database, with good credentials.
fn everything(origin: &Origin, cookie: &str, session: &str) -> Vec<Ask> {
    let mint = json!({ "tenant": "demo", "actor_type": "user", "actor_id": "ada" });
    let check = json!({ "tenant": "demo", "session": session });
    vec![
        origin.v1("POST", "/v1/sessions").json(&mint),
        origin.v1("GET", "/v1/sessions?actor_type=user&actor_id=ada"),
        origin.v1("GET", "/v1/sessions?actor_type=user&actor_id=ada&status=all"),
        origin.v1("GET", &format!("/v1/sessions/{session}")),
        origin.v1("DELETE", &format!("/v1/sessions/{session}")),
        origin.v1("DELETE", "/v1/actors/user/ada/sessions"),
        origin.v1("GET", "/v1/dev/samples?tenant=demo"),
        origin.internal("POST", "/internal/check").json(&check),
        origin.browser("GET", "/auth/session").cookie(cookie),
        origin.browser("POST", "/auth/logout").same_site().cookie(cookie),
        origin.browser("GET", "/auth/csrf").cookie(cookie),
        origin.browser("GET", "/auth/sessions").cookie(cookie),
        origin.browser("DELETE", "/auth/sessions").same_site().cookie(cookie),
        origin.browser("GET", "/auth/account").cookie(cookie),
        origin.browser("POST", "/auth/login").form("name=ada"),
    ]
}

async fn expect_503(asks: Vec<Ask>) {
    for ask in asks {
        let answer = ask.refused(503, "database_unavailable").await;
        assert_eq!(answer.headers["retry-after"], "1");
        assert!(answer.set_cookies().is_empty(), "nobody is signed out by an outage");
    }
}

#[tokio::test]
async fn without_a_connection_everything_is_503_and_the_process_is_well() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    origin.app.office().store().close().await;
    let mut asks = everything(&origin, &minted.cookie, &minted.id);
    asks.push(origin.internal("GET", "/internal/keyring"));
    let feed = format!("/internal/feed/dev/{}", origin.edge_secret().seal_id());
    asks.push(origin.internal("GET", &format!("{feed}/head")));
    asks.push(origin.internal("GET", &format!("{feed}/snapshot/1/0")));
    asks.push(origin.private("GET", "/readyz"));
    asks.push(origin.public("GET", "/readyz"));
    expect_503(asks).await;
    assert_eq!(origin.private("GET", "/healthz").send().await.status, 200);
}

#[tokio::test]
async fn without_the_sessions_everything_about_them_is_503() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    let database = origin.database().await;
    database.execute("alter table sessions rename to gone").await.unwrap();
    expect_503(everything(&origin, &minted.cookie, &minted.id)).await;
    database.execute("alter table gone rename to sessions").await.unwrap();
    assert_eq!(origin.check(&minted.id).await, "live");
}

#[tokio::test]
async fn without_the_credentials_nobody_is_told_that_theirs_are_bad() {
    for table in ["service_tokens", "edges"] {
        let origin = Origin::start().await;
        let minted = origin.mint().await;
        let database = origin.database().await;
        database.execute(&format!("alter table {table} rename to gone")).await.unwrap();
        let asks = everything(&origin, &minted.cookie, &minted.id);
        let (services, edges): (Vec<_>, Vec<_>) = asks.into_iter().partition(Ask::is_for_backends);
        expect_503(if table == "edges" { edges } else { services }).await;
    }
}

#[tokio::test]
async fn a_database_that_lacks_a_migration_is_not_ready() {
    let origin = Origin::start().await;
    let database = origin.database().await;
    database
        .execute("delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)")
        .await
        .unwrap();
    let answer = origin.private("GET", "/readyz").refused(503, "migrations_missing").await;
    assert_eq!(answer.headers["retry-after"], "1");
}
