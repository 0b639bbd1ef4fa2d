//! `sealgate audit`.

use serde_json::{Value, json};
use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use crate::run::{command, folder_with_demo, json};

/// Has the database do that, by the back door.
async fn execute(folder: &tempfile::TempDir, sql: &str) {
    let options = SqliteConnectOptions::new().filename(folder.path().join("sealgate.db"));
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// Writes something down, as the origin does.
async fn write(folder: &tempfile::TempDir, values: &str) {
    let insert = "insert into audit (at, tenant, event, session, actor_type, actor_id, detail) values ";
    execute(folder, &format!("{insert}{values}")).await;
}

#[tokio::test]
async fn what_was_written_down_is_shown_newest_first() {
    let folder = folder_with_demo();
    let ran = command(&folder, "audit list --tenant nobody");
    assert_eq!((ran.code, ran.out.as_str()), (3, ""), "{}", ran.err);
    assert!(ran.err.contains("there is no tenant nobody"), "{}", ran.err);
    let ran = command(&folder, "audit list --tenant demo --event session.late");
    assert_eq!((ran.code, ran.out.as_str()), (0, "Nothing was written down.\n"));
    write(
        &folder,
        "('2026-06-01T12:00:00.000Z', 'demo', 'session.late', 'ses-AAAAAAAAAAAAAAAAAAAAAA', 'user', 'ada', 'd\u{1b}')",
    )
    .await;
    write(&folder, "('2026-06-01T12:00:01.000Z', 'gone', 'newer.than_this', null, null, null, null)").await;
    write(&folder, "('2026-06-01T12:00:02.000Z', '', 'token.created', null, null, null, 'x')").await;
    let ran = command(&folder, "audit list");
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(lines[0].starts_with("AT "), "{}", ran.out);
    assert!(lines[1].contains(".000Z  -       token.created"), "{}", ran.out);
    assert!(lines[2].contains("gone") && lines[2].contains("newer.than_this"), "{}", ran.out);
    assert!(lines[3].contains("user ada") && lines[3].ends_with("d\u{fffd}"), "{}", ran.out);
    assert!(lines[4].contains("demo") && lines[4].contains("tenant.created"), "{}", ran.out);
    let events = |words: &str| json(&folder, words)["events"].as_array().unwrap().clone();
    let late = json!({
        "id": 2, "at": "2026-06-01T12:00:00.000Z", "tenant": "demo", "event": "session.late",
        "session": "ses-AAAAAAAAAAAAAAAAAAAAAA", "actor_type": "user", "actor_id": "ada", "detail": "d\u{1b}",
        "position": null,
    });
    for words in [
        "--tenant demo --limit 1",
        "--event session.late",
        "--actor-id ada",
        "--actor-id ada --tenant demo",
        "--actor-id ada --actor-type user --tenant demo",
        "--until 2026-06-01T12:00:00Z --event session.late",
        "--before 3 --event session.late",
        "--session ses-AAAAAAAAAAAAAAAAAAAAAA",
        "--since 2026-06-01T00:00:00Z --event session.late --unlinked",
    ] {
        assert_eq!(events(&format!("audit list --json {words}")), std::slice::from_ref(&late), "{words}");
    }
    let none = [
        "--actor-id eve",
        "--actor-id ada --actor-type service",
        "--since 2999-01-01T00:00:00Z",
        "--since 1h --event session.late",
        "--until 2026-06-01T11:59:59Z --event session.late",
        "--before 1",
    ];
    for words in none {
        assert_eq!(events(&format!("audit list --json {words}")), [] as [Value; 0], "{words}");
    }
    // A tenant that is gone, and that of which nothing is left to show.
    assert_eq!(events("audit list --json --tenant gone").len(), 1);
    assert_eq!(command(&folder, "audit list --tenant gone --event session.late").out, "Nothing was written down.\n");
    let newest = events("audit list --json --limit 1");
    assert_eq!((newest.len(), &newest[0]["tenant"], &newest[0]["actor_id"]), (1, &Value::Null, &Value::Null));
    for wrong in
        ["audit list --since soon", "audit list --actor-type user", "audit verify --head 1", "audit verify --head x:y"]
    {
        assert_eq!(command(&folder, wrong).code, 2, "{wrong}");
    }
}

#[tokio::test]
async fn what_is_older_is_reached_page_by_page() {
    let folder = folder_with_demo();
    for _ in 0..2 {
        write(&folder, "('2026-06-01T12:00:00.000Z', 'demo', 'session.late', null, null, null, null)").await;
    }
    let ran = command(&folder, "audit list --limit 2");
    assert!(ran.out.ends_with("\nThere are more: --before 2\n"), "{}", ran.out);
    let page = |words: &str| json(&folder, &format!("audit list --json --limit 2{words}"));
    let ids = |page: &Value| -> Vec<i64> {
        page["events"].as_array().unwrap().iter().map(|event| event["id"].as_i64().unwrap()).collect()
    };
    let first = page("");
    assert_eq!((ids(&first), &first["next"]), (vec![3, 2], &json!(2)));
    let last = page(" --before 2");
    assert_eq!((ids(&last), &last["next"]), (vec![1], &Value::Null));
    assert_eq!(page(" --event session.late")["next"], Value::Null, "none but these are asked for");
    assert!(!command(&folder, "audit list --before 2").out.contains("There are more"));
}

#[test]
fn an_event_that_nobody_writes_down_is_refused_by_those_there_are() {
    let folder = folder_with_demo();
    let ran = command(&folder, "audit list --event session.stolen");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    for listed in [ran.err, command(&folder, "audit list --help").out] {
        assert!(listed.contains("session.created") && listed.contains("edge.revoked"), "{listed}");
    }
}

#[tokio::test]
async fn a_table_that_was_emptied_with_its_chain_is_missed() {
    let folder = folder_with_demo();
    let drop = "drop trigger audit_deleted; drop trigger audit_chain_deleted;";
    execute(&folder, &format!("{drop} delete from audit; delete from audit_chain")).await;
    let ran = command(&folder, "audit verify");
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(ran.out.starts_with("problem  the row that tells how tenant demo was made is gone"), "{}", ran.out);
    // Nor is it made good by going on.
    write(&folder, "('2999-06-01T12:00:00.000Z', 'demo', 'session.late', null, null, null, null)").await;
    assert_eq!(command(&folder, "audit verify").code, 1);
    // What was made before such rows were written has none.
    execute(&folder, "update _sqlx_migrations set installed_on = '2020-01-01 00:00:00' where version < 14").await;
    let ran = command(&folder, "audit verify");
    assert_eq!(ran.code, 0, "{}", ran.out);
}

#[tokio::test]
async fn verifying_says_what_it_found_by_its_exit_code_too() {
    let folder = folder_with_demo();
    let ran = command(&folder, "audit verify");
    assert_eq!(ran.code, 0, "{}", ran.out);
    let expected = format!(
        "ok       no row has been linked\nhead     0:{}\nwaiting  1 rows have not been linked yet\n",
        "0".repeat(32)
    );
    assert_eq!(ran.out, expected);
    let report = json(&folder, "audit verify --json");
    assert_eq!((&report["ok"], &report["linked"], &report["waiting"]), (&json!(true), &json!(0), &json!(1)));
    // As if its link had been cut: an hour later it should have one.
    execute(&folder, "drop trigger audit_changed; update audit set at = '2026-06-01T12:00:00.000Z'").await;
    let ran = command(&folder, "audit verify");
    assert_eq!(ran.code, 1);
    assert!(
        ran.out.starts_with("problem  row 1 (tenant.created of \"demo\", 2026-06-01T12:00:00.000Z) has no link"),
        "{}",
        ran.out
    );
    let ran = command(&folder, "audit verify --json --head 7:00112233445566778899aabbccddeeff");
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, &report["ok"]), (1, &json!(false)));
    assert!(report["problem"].as_str().unwrap().contains("rows are missing that the log tells of"), "{report}");
}
