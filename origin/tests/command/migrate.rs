//! `sealgate migrate`.

use serde_json::json;

use crate::run::{command, json};

#[test]
fn it_says_what_it_did_and_the_second_time_that_there_was_nothing_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let ran = command(&folder, "migrate --check");
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.out.starts_with("missing  0001_tenants_and_keys\nmissing  0002_sessions\n"), "{}", ran.out);
    assert!(!folder.path().join("sealgate.db").exists(), "checking makes nothing");
    assert_eq!(json(&folder, "migrate --json")["applied"][2], "0003_credentials");
    let ran = command(&folder, "migrate");
    assert!(ran.code == 0 && ran.out.ends_with("sealgate.db has every migration\n"), "{}", ran.out);
    assert_eq!(json(&folder, "migrate --check --json")["missing"], json!([]));
}

#[tokio::test]
async fn checking_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(command(&folder, "migrate").code, 0);
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.path().join("sealgate.db"));
    let database = sqlx::sqlite::SqlitePool::connect_with(options).await.unwrap();
    for statement in ["drop table edge_tenants", "drop table edges", "drop table service_tokens"] {
        sqlx::query(statement).execute(&database).await.unwrap();
    }
    sqlx::query("delete from _sqlx_migrations where version = 3").execute(&database).await.unwrap();
    for _ in 0..2 {
        let ran = command(&folder, "migrate --check");
        assert_eq!((ran.code, ran.out.as_str()), (1, "missing  0003_credentials\n"), "{}", ran.err);
    }
    let ran = command(&folder, "migrate");
    assert_eq!((ran.code, ran.out.as_str()), (0, "applied  0003_credentials\n"), "{}", ran.err);
    assert_eq!(command(&folder, "migrate --check").code, 0);
}
