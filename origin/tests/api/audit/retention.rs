//! What is old goes, and the chain goes on behind it.

use std::time::Duration;

use sealgate_origin::office::HousekeepingSettings;

use super::{drop_triggers, finding, forge_checkpoint, link, start_with_links, told, verify};
use crate::kit::Origin;

const DAY: Duration = Duration::from_hours(24);

/// Keeps house with so much patience, and keys as they are; how many rows of the audit table went, and how often it failed.
async fn keep_house(origin: &Origin, retention: Option<Duration>) -> (u64, usize) {
    let settings =
        HousekeepingSettings { audit_retention: retention, key_rotation: None, ..origin.config.housekeeping };
    let done = origin.app.office().housekeep(&settings).await;
    (done.audit, done.failures.len())
}

async fn count(origin: &Origin) -> i64 {
    origin.database().await.number("select count(*) from audit").await
}

#[tokio::test]
async fn what_is_old_goes_from_the_beginning_and_the_rest_verifies() {
    let (origin, old) = start_with_links().await;
    let logged = told(&verify(&origin).await);
    origin.wait(DAY);
    origin.mint().await;
    let newer = link(&origin).await;
    assert_eq!(keep_house(&origin, Some(2 * DAY)).await, (0, 0));
    assert_eq!(keep_house(&origin, None).await, (0, 0));
    origin.wait(DAY);
    // Not yet linked: it stays however old it is.
    origin.mint().await;
    assert_eq!(keep_house(&origin, Some(2 * DAY)).await, (old.unsigned_abs(), 0));
    assert_eq!(keep_house(&origin, Some(2 * DAY)).await, (0, 0));
    assert_eq!(count(&origin).await, 2);
    let verified = verify(&origin).await;
    assert_eq!((verified.finding, verified.rows, verified.unlinked), (None, 1, 1));
    assert_eq!(verified.checkpoint.position, old.unsigned_abs());
    // What the log told of the checkpoint can still be compared, and what it told before cannot.
    let against = async |told| {
        let verified = origin.app.office().verify_audit(Some(told)).await.unwrap();
        verified.finding.map(|finding| finding.to_string()).unwrap_or_default()
    };
    assert_eq!((against(&logged).await, against(&newer).await), (String::new(), String::new()));
    let earlier = format!("{}:{}", old - 1, "0".repeat(32)).parse().unwrap();
    assert!(against(&earlier).await.contains("cannot be compared"));
    let forged = format!("{old}:{}", "0".repeat(32)).parse().unwrap();
    assert!(against(&forged).await.contains("has another link"));

    link(&origin).await;
    origin.wait(3 * DAY);
    assert_eq!(keep_house(&origin, Some(2 * DAY)).await, (2, 0), "all there is");
    assert_eq!(finding(&origin).await, "");
    origin.mint().await;
    link(&origin).await;
    let verified = verify(&origin).await;
    assert_eq!((verified.finding, verified.rows), (None, 1));
    assert_eq!(verified.checkpoint.position, old.unsigned_abs() + 2);
}

#[tokio::test]
async fn a_young_row_keeps_those_behind_it() {
    let (origin, rows) = start_with_links().await;
    let database = origin.database().await;
    // Written by a machine whose clock is ahead.
    let ahead = "insert into audit (at, tenant, event) values ('2026-06-09T12:00:00.000Z', 'demo', 'session.late')";
    database.execute(ahead).await.unwrap();
    origin.mint().await;
    link(&origin).await;
    origin.wait(3 * DAY);
    assert_eq!(keep_house(&origin, Some(DAY)).await, (rows.unsigned_abs(), 0));
    assert_eq!(count(&origin).await, 2);
    assert_eq!(finding(&origin).await, "");
}

#[tokio::test]
async fn what_was_tampered_with_is_kept_as_evidence() {
    for attack in [
        "update audit set detail = 'nothing' where position = 4",
        "delete from audit where position = 4",
        "delete from audit where position = 1",
    ] {
        let (origin, _) = start_with_links().await;
        let database = origin.database().await;
        drop_triggers(&database).await;
        database.execute(attack).await.unwrap();
        let (found, before) = (finding(&origin).await, count(&origin).await);
        origin.wait(3 * DAY);
        assert_eq!(keep_house(&origin, Some(DAY)).await, (0, 1), "{attack}");
        assert_eq!((finding(&origin).await, count(&origin).await), (found, before), "{attack}");
    }
}

#[tokio::test]
async fn who_deletes_without_a_checkpoint_is_refused() {
    let (origin, rows) = start_with_links().await;
    let database = origin.database().await;
    origin.mint().await;
    for delete in
        ["delete from audit", "delete from audit where position = 1", "delete from audit where position is null"]
    {
        assert!(database.execute(delete).await.is_err(), "{delete}");
    }
    origin.wait(2 * DAY);
    assert_eq!(keep_house(&origin, Some(DAY)).await, (rows.unsigned_abs(), 0));
    assert!(database.execute("delete from audit").await.is_err());
    let back = "update audit_chain set checkpoint_position = checkpoint_position - 1";
    assert!(database.execute(back).await.is_err(), "it does not go back");
    link(&origin).await;
    assert_eq!(finding(&origin).await, "");
    drop_triggers(&database).await;
    database.execute("update audit set position = 1, mac = (select mac from audit_chain)").await.unwrap();
    assert!(finding(&origin).await.contains("position 1) stands where rows were deleted for their age"));
}

#[tokio::test]
async fn nothing_is_cut_behind_a_checkpoint_that_nobody_sealed() {
    let (origin, _) = start_with_links().await;
    forge_checkpoint(&origin.database().await).await;
    let before = count(&origin).await;
    origin.wait(3 * DAY);
    assert_eq!(keep_house(&origin, Some(DAY)).await, (0, 1));
    assert_eq!(count(&origin).await, before);
    assert!(finding(&origin).await.contains("the checkpoint is not the one that was sealed"));
}
