//! What goes for a database that is a server: its settings, and who may listen on the way to it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sealgate_origin::app::App;
use sealgate_origin::clock::Clock;
use sealgate_origin::config::Config;
use sealgate_origin::store::NewServiceToken;
use sealgate_shared::time::UnixMillis;
use sealgate_test_database::{Engine, Postgres};
use serde_json::json;
use sqlx::AssertSqlSafe;

use crate::kit::Origin;
use crate::kit::database::Backdoor;
use crate::setting::Setting;

async fn build(url: &str) -> Result<App, String> {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::development(folder.path());
    config.database = url.parse().unwrap();
    App::build(&config, Clock::system()).await.map_err(|error| {
        // As `main` prints it: every cause behind the one before.
        let mut told = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            told.push_str(": ");
            told.push_str(&error.to_string());
            cause = error.source();
        }
        told
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_statement_that_waits_too_long_is_given_up_and_nothing_is_half_done() {
    let limit = Duration::from_millis(700);
    let origin = Origin::start_on(Engine::Postgres, |config| config.server.statement_timeout = limit).await;
    let minted = origin.mint().await;
    let Backdoor::Postgres(pool) = origin.database().await else { unreachable!() };
    let mut holder = pool.begin().await.unwrap();
    sqlx::query("update sessions set label = 'held'").execute(&mut *holder).await.unwrap();

    let begun = Instant::now();
    let path = format!("/v1/sessions/{}", minted.id);
    let answer = origin.v1("DELETE", &path).refused(503, "database_unavailable").await;
    assert_eq!(answer.headers["retry-after"], "1");
    let took = begun.elapsed();
    assert!(took >= limit && took < limit + Duration::from_secs(4), "{took:?}");
    assert_eq!(origin.v1("GET", &path).send().await.json()["status"], "live", "reading does not wait");

    holder.rollback().await.unwrap();
    let store = origin.app.office().store();
    assert!(store.revocations_after(0).await.unwrap().is_empty());
    assert_eq!(origin.v1("DELETE", &path).send().await.status, 200);
    assert_eq!(store.revocations_after(0).await.unwrap()[0].sequence, 1);
}

#[tokio::test]
async fn the_origin_uses_no_more_connections_than_it_may() {
    let setting = Setting::on(Engine::Postgres).await;
    let asking: Vec<_> = (0..40)
        .map(|_| {
            let store = setting.store.clone();
            tokio::spawn(async move { store.standing().await.map(drop) })
        })
        .collect();
    for one in asking {
        one.await.unwrap().unwrap();
    }
    let sql =
        "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'sealgate'";
    let open = setting.database.number(sql).await;
    let most = i64::from(setting.origin.config.server.connections);
    assert!((1..=most).contains(&open), "{open} of {most}");
}

#[tokio::test]
async fn without_tls_a_server_that_has_to_have_it_is_refused() {
    for mode in ["require", "verify-ca", "verify-full"] {
        let database = Postgres::shared().create_database().await;
        let error = build(&format!("{}?sslmode={mode}", database.url())).await.unwrap_err();
        assert!(error.contains("cannot open the database postgres://127.0.0.1"), "{mode}: {error}");
        assert!(error.to_lowercase().contains("tls"), "{mode}: {error}");
        assert!(!error.contains(database.url()), "the password is not told: {error}");
    }
    for mode in ["prefer", "disable"] {
        let database = Postgres::shared().create_database().await;
        build(&format!("{}?sslmode={mode}", database.url())).await.unwrap();
    }
}

/// Certificates for a hundred years: of a server at 127.0.0.1 by one authority, and another authority's own.
fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls").join(name)
}

#[tokio::test]
async fn with_tls_the_server_must_show_the_certificate_it_should_have() {
    let mut server = Postgres::start();
    switch_tls_on(&mut server).await;
    let url = async |mode: &str, root: Option<&str>| {
        let root = root.map(|name| format!("&sslrootcert={}", fixture(name).display()));
        format!("{}?sslmode={mode}{}", server.create_database().await.url(), root.unwrap_or_default())
    };
    let app = build(&url("verify-full", Some("root.pem")).await).await.unwrap();
    assert!(is_encrypted(&server).await);
    drop(app);
    build(&url("verify-ca", Some("root.pem")).await).await.unwrap();
    build(&url("require", None).await).await.unwrap();
    for mode in ["verify-ca", "verify-full"] {
        for root in [Some("stranger.pem"), None] {
            let error = build(&url(mode, root).await).await.unwrap_err();
            assert!(error.contains("certificate"), "{mode} {root:?}: {error}");
        }
    }
    // By a name that the certificate does not have.
    let named = url("verify-full", Some("root.pem")).await.replace("@127.0.0.1:", "@localhost:");
    let error = build(&named).await.unwrap_err();
    assert!(error.contains("certificate"), "{error}");
}

async fn is_encrypted(server: &Postgres) -> bool {
    let sql = "select coalesce(bool_and(ssl), false) from pg_stat_ssl join pg_stat_activity using (pid) \
        where application_name = 'sealgate'";
    sqlx::query_scalar(sql).fetch_one(&mut server.admin().await).await.unwrap()
}

/// Gives the server its certificate by its own means: its files are not ours.
async fn switch_tls_on(server: &mut Postgres) {
    let mut admin = server.admin().await;
    for name in ["server.pem", "server-key.pem"] {
        let text = std::fs::read_to_string(fixture(name)).unwrap();
        let lines: Vec<String> = text.lines().map(|line| format!("('{line}')")).collect();
        // It takes no key that others can read.
        let sql = format!("copy (values {}) to program 'umask 077; cat > {name}'", lines.join(", "));
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut admin).await.unwrap();
    }
    for setting in ["ssl_cert_file = 'server.pem'", "ssl_key_file = 'server-key.pem'", "ssl = on"] {
        sqlx::raw_sql(AssertSqlSafe(format!("alter system set {setting}"))).execute(&mut admin).await.unwrap();
    }
    server.stop();
    server.start_again();
}

#[tokio::test]
async fn order_is_by_bytes_whatever_language_the_database_speaks() {
    let owner = Postgres::shared().create_database().await;
    let name = format!("{}_en", owner.name());
    let sql = format!(
        "create database {name} owner {} template template0 locale_provider icu icu_locale 'en-US'",
        owner.name()
    );
    let mut admin = Postgres::shared().admin().await;
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut admin).await.unwrap();
    let (server, _) = owner.url().rsplit_once('/').unwrap();
    let app = build(&format!("{server}/{name}")).await;
    let (store, other) = (app.unwrap().office().store().clone(), "other".parse().unwrap());
    for public_id in ["a2345678901", "B2345678901", "_2345678901", "-2345678901"] {
        let (secret_hash, scopes) = ([1; 32], "sessions:mint".parse().unwrap());
        let token = NewServiceToken { public_id, tenant: Some(&other), name: public_id, secret_hash, scopes };
        store.create_service_token(&token, UnixMillis::new(1).unwrap()).await.unwrap();
    }
    let listed = store.list_service_tokens(Some(&other)).await.unwrap();
    let listed: Vec<&str> = listed.iter().map(|token| token.id.as_str()).collect();
    assert_eq!(listed, ["-2345678901", "B2345678901", "_2345678901", "a2345678901"]);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named_without_its_password() {
    let begun = Instant::now();
    let error = build("postgres://sealgate:hunter2@127.0.0.1:1/main").await.unwrap_err();
    assert!(error.starts_with("cannot open the database postgres://127.0.0.1:1/main: "), "{error}");
    assert!(!error.contains("hunter2"));
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn minting_works_with_a_single_connection() {
    let origin = Origin::start_on(Engine::Postgres, |config| config.server.connections = 1).await;
    let minted = origin.mint_with(json!({ "remember": true })).await;
    assert_eq!(origin.check(&minted.id).await, "live");
}
