//! Somebody has the database to themselves, and not the key.

use std::time::Duration;

use super::{drop_triggers, finding, forge_checkpoint, link, link_at, start_with_links, told, verify};
use crate::kit::Origin;
use crate::kit::database::Backdoor;

/// Has somebody do that to rows that have been linked, and says what is found.
async fn tamper(attack: &[&str]) -> (String, i64) {
    let (origin, rows) = start_with_links().await;
    assert_eq!(finding(&origin).await, "");
    let database = origin.database().await;
    drop_triggers(&database).await;
    for sql in attack {
        let overriding = if matches!(database, Backdoor::Postgres(_)) { "overriding system value" } else { "" };
        let sql = sql.replace("LAST", &rows.to_string()).replace("OVERRIDING", overriding);
        assert!(database.execute(&sql).await.unwrap() > 0, "{sql}");
    }
    let verified = verify(&origin).await;
    let finding = verified.finding.map(|finding| finding.to_string()).unwrap_or_default();
    // Nor is it made good by going on.
    origin.mint().await;
    drop(link_at(&origin.app).await);
    assert_eq!(self::finding(&origin).await.is_empty(), finding.is_empty(), "{attack:?}");
    (finding, rows)
}

async fn expect(attack: &[&str], expected: &str) {
    let (finding, rows) = tamper(attack).await;
    let expected = expected.replace("LAST", &rows.to_string());
    assert!(finding.contains(&expected), "{attack:?}: {finding:?}, not {expected:?}");
}

#[tokio::test]
async fn a_row_that_was_changed_is_named() {
    for change in [
        "detail = 'nothing'",
        "detail = null",
        "detail = ''",
        "at = '2026-06-01T12:00:00.001Z'",
        "tenant = 'other'",
        "event = 'session.late'",
        "session = null",
        "session = 'ses-AAAAAAAAAAAAAAAAAAAAAA'",
        "actor_type = 'service'",
        "actor_id = 'eve'",
        "actor_id = null",
        "mac = (select substr(fingerprint_key, 1, 32) from tenants where id = 'demo')",
        "mac = (select other.mac from audit as other where other.position = 4)",
    ] {
        let attack = format!("update audit set {change} where position = 8");
        let (finding, _) = tamper(&[&attack]).await;
        assert!(finding.contains("position 8) was changed"), "{change}: {finding:?}");
    }
}

#[tokio::test]
async fn a_row_that_was_given_another_number_is_named() {
    // No database lets it be changed just so.
    let copy = "insert into audit (id, at, tenant, event, session, actor_type, actor_id, detail, position, mac) OVERRIDING \
        select id + 1000, at, tenant, event, session, actor_type, actor_id, detail, position, mac \
        from audit where position = 8";
    expect(&[copy, "delete from audit where position = 8 and id < 1000"], "position 8) was changed").await;
}

#[tokio::test]
async fn the_row_is_told_as_it_is_now_whatever_is_in_it() {
    let attack = "update audit set event = 'drop.table', tenant = 'No Such Tenant' where position = LAST";
    let (finding, _) = tamper(&[attack]).await;
    assert!(finding.contains("(drop.table of \"No Such Tenant\", 2026-06-01T12:00:00.000Z"), "{finding}");
}

#[tokio::test]
async fn rows_that_were_removed_are_missed() {
    expect(&["delete from audit where position = 5"], "removed behind position 4: 1").await;
    expect(&["delete from audit where position between 5 and 7"], "removed behind position 4: 3").await;
    expect(&["delete from audit where position = 1"], "removed behind position 0: 1").await;
    expect(&["update audit set position = null, mac = null where position = 5"], "removed behind position 4: 1").await;
    // And those that follow were moved up.
    let close = "update audit set position = position - 2 where position > 5";
    expect(&["delete from audit where position in (4, 5)", close], "removed behind position 3: 2").await;
}

#[tokio::test]
async fn an_end_that_was_cut_off_is_missed() {
    let two = "delete from audit where position > LAST - 2";
    let (finding, rows) = tamper(&[two]).await;
    assert_eq!(finding, format!("the end was removed: the chain goes to position {rows}, the rows to {}", rows - 2));
    let back = "update audit_chain set position = LAST - 2, mac = (select mac from audit where position = LAST - 2)";
    expect(&[two, back], "the chain's own row was changed: the newest link is not the one that was sealed").await;
    expect(&["update audit_chain set position = LAST + 1"], "the newest link is not the one").await;
}

#[tokio::test]
async fn rows_that_were_put_in_between_are_named() {
    let row = "insert into audit (id, at, tenant, event, position, mac) OVERRIDING \
        select 5000, at, 'demo', 'session.late', 5, mac from audit where position = 7";
    expect(&["update audit set position = position + 1 where position >= 5", row], "row 5000 ").await;
    expect(&["update audit set position = position + 1 where position >= 5", row], "position 5) was put in").await;
    // Beside the one that has the position, before or behind it.
    expect(&[row], "row 5000 (session.late of \"demo\", 2026-06-01T12:00:00.000Z, position 5) was put in").await;
    // One of ours as well.
    expect(&["update audit set position = 7 where position = 8"], "position 7) was put in between").await;
    expect(&[&row.replace("5000", "-1")], "row -1 (session.late of").await;
    let behind = row.replace(", 5, mac", ", LAST + 1, mac");
    expect(&[&behind], "stands behind the newest link").await;
}

#[tokio::test]
async fn rows_that_changed_places_are_named() {
    for (one, other) in [(5, 6), (4, 9)] {
        let swap = format!(
            "update audit set position = case position when {one} then {other} else {one} end \
             where position in ({one}, {other})"
        );
        expect(&[&swap], &format!("position {one}) was moved there from another place")).await;
    }
    // All that they say, but for their own numbers.
    let contents = "update audit set session = (select other.session from audit as other \
        where other.position = 2 * LAST - 1 - audit.position) where position in (LAST - 1, LAST)";
    let (finding, rows) = tamper(&[contents]).await;
    assert!(finding.contains(&format!("position {}) was changed", rows - 1)), "{finding}");
    let apart = "update audit set position = position + 1000 where position = 7";
    expect(&[apart], "was moved there from another place").await;
}

#[tokio::test]
async fn a_row_that_nobody_links_is_told_once_it_should_have_been() {
    let (origin, rows) = start_with_links().await;
    origin.mint().await;
    origin.wait(Duration::from_mins(10));
    let verified = verify(&origin).await;
    assert_eq!((verified.finding, verified.unlinked, verified.rows), (None, 1, rows.unsigned_abs()));
    origin.wait(Duration::from_millis(1));
    let found = finding(&origin).await;
    assert!(found.contains("session.created of \"demo\"") && found.contains("has no link, though it is 10 min old"));
    link(&origin).await;
    assert_eq!(finding(&origin).await, "");
}

#[tokio::test]
async fn who_removes_the_key_gets_no_new_chain() {
    let (origin, _) = start_with_links().await;
    let database = origin.database().await;
    drop_triggers(&database).await;
    database.execute("delete from audit_chain").await.unwrap();
    assert_eq!(finding(&origin).await, "the chain's own row was changed: it is gone");
    origin.mint().await;
    assert!(link_at(&origin.app).await.is_err());
    assert_eq!(finding(&origin).await, "the chain's own row was changed: it is gone");
}

#[tokio::test]
async fn a_checkpoint_that_nobody_sealed_explains_nothing() {
    let (origin, _) = start_with_links().await;
    let database = origin.database().await;
    forge_checkpoint(&database).await;
    assert_eq!(
        finding(&origin).await,
        "the chain's own row was changed: the checkpoint is not the one that was sealed"
    );
    // Nor does the seal of the head pass for that of a checkpoint.
    let sealed = "update audit_chain set checkpoint_position = position, checkpoint_mac = mac, checkpoint_seal = seal";
    database.execute(sealed).await.unwrap();
    assert!(finding(&origin).await.contains("the checkpoint is not the one that was sealed"));
}

/// Keeps what the tables say now, for putting it back.
async fn keep(origin: &Origin) {
    let database = origin.database().await;
    for table in ["audit", "audit_chain"] {
        database.execute(&format!("create table kept_{table} as select * from {table}")).await.unwrap();
    }
}

async fn put_back(origin: &Origin) {
    let database = origin.database().await;
    drop_triggers(&database).await;
    let columns = "id, at, tenant, event, session, actor_type, actor_id, detail, position, mac";
    let overriding = if matches!(database, Backdoor::Postgres(_)) { "overriding system value" } else { "" };
    for sql in [
        "delete from audit",
        "delete from audit_chain",
        "insert into audit_chain select * from kept_audit_chain",
        &format!("insert into audit ({columns}) {overriding} select {columns} from kept_audit"),
    ] {
        database.execute(sql).await.unwrap();
    }
}

#[tokio::test]
async fn a_database_that_was_put_back_is_found_out_by_a_log() {
    let (origin, _) = start_with_links().await;
    let before = told(&verify(&origin).await);
    keep(&origin).await;
    let minted = origin.mint().await;
    let logged = link(&origin).await;
    let against = async |told| {
        let verified = origin.app.office().verify_audit(Some(told)).await.unwrap();
        verified.finding.map(|finding| finding.to_string()).unwrap_or_default()
    };
    assert_eq!((against(&before).await, against(&logged).await), (String::new(), String::new()));
    put_back(&origin).await;
    assert_eq!(finding(&origin).await, "", "by itself it is sound");
    assert_eq!(against(&before).await, "");
    let expected = format!(
        "rows are missing that the log tells of: it goes to position {}, the chain to {}",
        logged.position, before.position
    );
    assert_eq!(against(&logged).await, expected);
    // Nor is it made good by others in the place of those that are gone.
    origin.v1("DELETE", &format!("/v1/sessions/{}", minted.id)).send().await;
    origin.mint().await;
    link(&origin).await;
    let expected =
        format!("the rows of the database are not those of the log: position {} has another", logged.position);
    assert!(against(&logged).await.contains(&expected));
}

#[tokio::test]
async fn a_log_of_another_installation_is_told_from_ours() {
    let (origin, _) = start_with_links().await;
    let (other, _) = start_with_links().await;
    let told = told(&verify(&other).await);
    let found = origin.app.office().verify_audit(Some(&told)).await.unwrap().finding.unwrap().to_string();
    assert!(found.contains("has another link"), "{found}");
    let nothing = Origin::start().await.app.office().verify_audit(Some(&told)).await.unwrap();
    assert!(nothing.finding.unwrap().to_string().contains("rows are missing that the log tells of"));
}

#[tokio::test]
async fn the_head_of_what_was_there_before_it_was_put_back_is_not_that_of_what_is_there() {
    let (origin, _) = start_with_links().await;
    let database = origin.database().await;
    keep(&origin).await;
    origin.mint().await;
    link(&origin).await;
    database.execute("create table branch as select * from audit_chain").await.unwrap();
    put_back(&origin).await;
    origin.mint().await;
    link(&origin).await;
    // As long as the one that is there, and sealed by us.
    let sql = "update audit_chain set mac = (select mac from branch), seal = (select seal from branch)";
    assert_eq!(database.execute(sql).await, Ok(1));
    assert_eq!(finding(&origin).await, "the chain's own row was changed: the newest link is not that of the last row");
}
