//! The database file: migrations, modes, checks, indexes.

use std::os::unix::fs::PermissionsExt as _;

use sealgate_origin::app::App;
use sealgate_origin::clock::Clock;
use sealgate_origin::config::Config;
use sealgate_origin::office::MintRequest;
use sealgate_origin::session::Actor;
use sealgate_shared::id::Roles;
use serde_json::json;

use crate::kit::Origin;

#[tokio::test]
async fn starting_again_changes_nothing_and_keeps_sessions_alive() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    let schema = async || {
        let sql = "select group_concat(sql, ';') from sqlite_schema order by name";
        sqlx::query_scalar::<_, String>(sql).fetch_one(&origin.database().await).await.unwrap()
    };
    let (before, dev_file) = (schema().await, std::fs::read(origin.folder.path().join("dev.json")).unwrap());
    let again = origin.start_another().await;
    assert_eq!(schema().await, before);
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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_start_at_once_on_an_empty_folder() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config::development(folder.path());
    let starting: Vec<_> = (0..6)
        .map(|_| {
            let config = config.clone();
            tokio::spawn(async move { App::build(&config, Clock::system()).await.map(drop) })
        })
        .collect();
    for start in starting {
        start.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn every_file_is_its_owners_alone() {
    let origin = Origin::start().await;
    origin.mint().await;
    let mut seen = 0;
    for entry in std::fs::read_dir(origin.folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
        seen += 1;
    }
    assert!(seen >= 5, "database, two side files, lock, kek, dev.json: {seen}");
    let nested = tempfile::tempdir().unwrap();
    let config = Config::development(&nested.path().join("new"));
    App::build(&config, Clock::system()).await.unwrap();
    assert_eq!(std::fs::metadata(&config.data_dir).unwrap().permissions().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn a_file_that_was_open_to_others_is_closed() {
    let origin = Origin::start().await;
    std::fs::set_permissions(&origin.config.database, std::fs::Permissions::from_mode(0o644)).unwrap();
    origin.start_another().await;
    let mode = std::fs::metadata(&origin.config.database).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
}

#[tokio::test]
async fn the_database_refuses_rows_that_make_no_sense() {
    let origin = Origin::start().await;
    origin.mint().await;
    let database = origin.database().await;
    for (change, what) in [
        ("idle_expires_at = '2026-06-01T21:00:00.000Z'", "idle after absolute"),
        ("access_expires_at = '2026-06-01T14:00:00.000Z'", "access after idle"),
        ("access_expires_at = issued_at", "no access at all"),
        ("issued_at = '2026-05-01T12:00:00.000Z'", "issued before created"),
        ("revoked_at = '2026-06-01T12:00:00.000Z'", "revoked without a reason"),
        ("revoked_reason = 'admin'", "a reason without revocation"),
        ("revoked_at = created_at, revoked_reason = 'boredom'", "a reason of no kind"),
        ("created_at = '2026-06-01T12:00:00Z'", "a time of another width"),
        ("channel = 'pigeon'", "a channel of no kind"),
        ("assurance = 256", "too much assurance"),
        ("fingerprint = zeroblob(31)", "a short fingerprint"),
        ("signing_key = 'sk-AAAAAAAAAAA'", "a key that is not there"),
        ("tenant = 'nobody'", "a tenant that is not there"),
    ] {
        let sql = format!("update sessions set {change}");
        assert!(sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&database).await.is_err(), "{what}");
    }
    let sql = "update sessions set idle_expires_at = absolute_expires_at";
    assert!(sqlx::query(sql).execute(&database).await.is_ok(), "a sliding idle expiry may reach the absolute one");
    let sql = "delete from signing_keys where state = 'active' and tenant = 'demo'";
    assert!(sqlx::query(sql).execute(&database).await.is_err(), "a key that a session names stays");
}

#[tokio::test]
async fn a_tenant_goes_with_everything_that_is_its_own() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    origin.v1("DELETE", &format!("/v1/sessions/{}", minted.id)).send().await;
    let database = origin.database().await;
    sqlx::query("delete from sessions where tenant = 'demo'").execute(&database).await.unwrap();
    sqlx::query("delete from tenants where id = 'demo'").execute(&database).await.unwrap();
    for table in ["signing_keys", "service_tokens", "edge_tenants", "revocations"] {
        let sql = format!("select count(*) from {table} where tenant = 'demo'");
        let left: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&database).await.unwrap();
        assert_eq!(left, 0, "{table}");
    }
    origin.browser("GET", "/auth/session").refused(401, "edge_credential").await;
    let body = json!({ "tenant": "demo", "actor_type": "user", "actor_id": "ada" });
    origin.v1("POST", "/v1/sessions").json(&body).refused(401, "service_token").await;
}

#[tokio::test]
async fn nobody_is_signed_in_to_a_tenant_that_was_deleted_beside_us() {
    let origin = Origin::start().await;
    origin.mint().await;
    let database = origin.database().await;
    sqlx::query("delete from sessions").execute(&database).await.unwrap();
    sqlx::query("delete from tenants where id = 'demo'").execute(&database).await.unwrap();
    let request = MintRequest {
        tenant: "demo".parse().unwrap(),
        actor: Actor { kind: "user".parse().unwrap(), id: "ada".parse().unwrap() },
        label: None,
        remember: false,
        user_agent: None,
        authenticated_at: None,
        assurance: 0,
        roles: Roles::default(),
    };
    let error = origin.app.office().mint(&request).await.unwrap_err();
    assert_eq!(error.to_string(), "there is no tenant demo");
    let left: i64 = sqlx::query_scalar("select count(*) from sessions").fetch_one(&database).await.unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn the_hot_reads_use_an_index() {
    let origin = Origin::start().await;
    let database = origin.database().await;
    for (sql, index) in [
        ("select 1 from sessions where id = $1 and tenant = $2 and pre_login = 0", "sqlite_autoindex_sessions_1"),
        (
            "select id from sessions where tenant = $1 and actor_type = $2 and actor_id = $3 and pre_login = 0 \
             and (created_at, id) < ($4, $5) and revoked_at is null and idle_expires_at > $6 \
             order by created_at desc, id desc limit $7",
            "sessions_of_actor",
        ),
        ("select 1 from service_tokens where id = $1 and revoked_at is null", "sqlite_autoindex_service_tokens_1"),
        (
            "select 1 from signing_keys where tenant = $1 and state in ('pending', 'active', 'retired')",
            "signing_keys_of_tenant",
        ),
    ] {
        let plan: Vec<(i64, i64, i64, String)> =
            sqlx::query_as(sqlx::AssertSqlSafe(format!("explain query plan {sql}")))
                .fetch_all(&database)
                .await
                .unwrap();
        let plan: Vec<String> = plan.into_iter().map(|step| step.3).collect();
        assert_eq!(plan.len(), 1, "no sorting, no second step: {plan:?}");
        assert!(plan[0].starts_with("SEARCH") && plan[0].contains(index), "{plan:?}");
    }
}
