//! `sealgate audit`.

use serde_json::{Value, json};
use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use crate::run::{command, folder_with_demo, json};

/// Writes something down, as the origin does.
async fn write(folder: &tempfile::TempDir, values: &'static str) {
    let options = SqliteConnectOptions::new().filename(folder.path().join("sealgate.db"));
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    let insert = "insert into audit (at, tenant, event, session, actor_type, actor_id, detail) values ";
    sqlx::query(sqlx::AssertSqlSafe(format!("{insert}{values}"))).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn what_was_written_down_is_shown_newest_first() {
    let folder = folder_with_demo();
    assert_eq!(command(&folder, "audit list").out, "Nothing was written down.\n");
    write(
        &folder,
        "('2026-06-01T12:00:00.000Z', 'demo', 'session.late', 'ses-AAAAAAAAAAAAAAAAAAAAAA', 'user', 'ada', 'd\u{1b}')",
    )
    .await;
    write(&folder, "('2026-06-01T12:00:01.000Z', 'gone', 'newer.than_this', null, null, null, null)").await;
    let ran = command(&folder, "audit list");
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(lines[0].starts_with("AT "), "{}", ran.out);
    assert!(lines[1].contains("gone") && lines[1].contains("newer.than_this"), "{}", ran.out);
    assert!(lines[2].contains("user ada") && lines[2].ends_with("d\u{fffd}"), "{}", ran.out);
    let events = |words: &str| json(&folder, words)["events"].as_array().unwrap().clone();
    let late = json!({
        "id": 1, "at": "2026-06-01T12:00:00.000Z", "tenant": "demo", "event": "session.late",
        "session": "ses-AAAAAAAAAAAAAAAAAAAAAA", "actor_type": "user", "actor_id": "ada", "detail": "d\u{1b}",
    });
    assert_eq!(events("audit list --json --tenant demo"), [late]);
    let newest = events("audit list --json --limit 1");
    assert_eq!((newest.len(), &newest[0]["tenant"], &newest[0]["actor_id"]), (1, &json!("gone"), &Value::Null));
}
