//! Tokens that were copied.

use std::time::Duration;

use serde_json::json;

use super::super::audit::{break_audit, mend_audit};
use super::{CURL, FIREFOX, ask, audited, code, generation, mint, refresh_token, show, show_to, token};
use crate::kit::Origin;

/// The revocations so far, by kind.
async fn revocations(origin: &Origin) -> i64 {
    origin.database().await.number("select count(*) from revocations where kind = 'session'").await
}

#[tokio::test]
async fn the_owner_goes_on_and_then_the_copy_is_used() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    let copied = refresh_token(&minted.body);
    origin.wait(Duration::from_mins(16));
    let second = token(&show(&origin, &copied).await);
    origin.wait(Duration::from_mins(16));
    let third = token(&show(&origin, &second).await);
    assert_eq!(code(&show_to(&origin, &origin.app, &copied, CURL).await), "reuse");
    // Both are out, at once and everywhere.
    assert_eq!(code(&show(&origin, &third).await), "revoked");
    assert_eq!(code(&show_to(&origin, &origin.app, &copied, CURL).await), "revoked");
    assert_eq!(origin.check(&minted.id).await, "revoked");
    let session = origin.v1("GET", &format!("/v1/sessions/{}", minted.id)).send().await.json();
    assert_eq!((&session["status"], &session["revoked_reason"]), (&json!("revoked"), &json!("reuse")));
    assert_eq!((audited(&origin, "session.reuse").await, revocations(&origin).await), (1, 1));
    let written: Vec<(String, String, String, String)> = origin
        .database()
        .await
        .rows("select tenant, session, actor_id, detail from audit where event = 'session.reuse'")
        .await;
    let detail = "generation 0 was shown, 2 is the present one since 2026-06-01T12:32:00.000Z, from another user agent";
    assert_eq!(written, [("demo".to_owned(), minted.id, "ada".to_owned(), detail.to_owned())]);
}

#[tokio::test]
async fn the_copy_is_used_first_and_the_owner_finds_out() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    let owned = refresh_token(&minted.body);
    origin.wait(Duration::from_mins(16));
    let stolen = token(&show_to(&origin, &origin.app, &owned, CURL).await);
    origin.wait(Duration::from_mins(16));
    let stolen = token(&show_to(&origin, &origin.app, &stolen, CURL).await);
    assert_eq!(code(&show(&origin, &owned).await), "reuse");
    assert_eq!(code(&show_to(&origin, &origin.app, &stolen, CURL).await), "revoked");
}

#[tokio::test]
async fn another_device_inside_the_window_is_a_thief() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    let first = refresh_token(&minted.body);
    origin.wait(Duration::from_mins(16));
    let second = token(&show(&origin, &first).await);
    assert_eq!(code(&show_to(&origin, &origin.app, &first, CURL).await), "reuse");
    assert_eq!(code(&show(&origin, &second).await), "revoked");
    assert_eq!(audited(&origin, "session.reuse").await, 1);
}

#[tokio::test]
async fn once_the_successor_has_arrived_the_one_before_is_over_with_the_window() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    let first = refresh_token(&minted.body);
    origin.wait(Duration::from_mins(16));
    let second = show(&origin, &first).await;
    assert_eq!(show(&origin, &token(&second)).await, second);
    origin.wait(Duration::from_secs(59));
    assert_eq!(show(&origin, &first).await, second, "a tab that was slow");
    origin.wait(Duration::from_secs(1));
    assert_eq!(code(&show(&origin, &first).await), "reuse");
}

#[tokio::test]
async fn ten_who_come_at_once_are_one_alarm() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    let copied = refresh_token(&minted.body);
    let mut held = copied.clone();
    for _ in 0..2 {
        origin.wait(Duration::from_mins(16));
        held = token(&show(&origin, &held).await);
    }
    let codes = super::races::show_at_once(&origin, &[(&origin.app, &copied); 10]).await;
    let mut codes: Vec<String> = codes.iter().map(code).collect();
    codes.sort();
    assert_eq!(codes[0], "reuse");
    assert!(codes[1..].iter().all(|code| code == "revoked"), "{codes:?}");
    assert_eq!((audited(&origin, "session.reuse").await, revocations(&origin).await), (1, 1));
}

#[tokio::test]
async fn a_database_from_before_knows_nothing_and_raises_no_alarm() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    origin.wait(Duration::from_mins(16));
    let second = token(&show(&origin, &refresh_token(&minted.body)).await);
    // As a backup from a quarter of an hour ago has it.
    let before = "update sessions set generation = 0, previous_generation = null, previous_signing_key = null, \
        issued_at = '2026-06-01T12:00:00.000Z', access_expires_at = '2026-06-01T12:15:00.000Z'";
    origin.database().await.execute(before).await.unwrap();
    assert_eq!(code(&show(&origin, &second).await), "history_lost");
    assert_eq!(audited(&origin, "session.reuse").await, 0);
    assert_eq!(origin.check(&minted.id).await, "live");
    assert_eq!(generation(&origin, &minted.id).await, 0);
    token(&show_to(&origin, &origin.app, &refresh_token(&minted.body), FIREFOX).await);
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_done() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    let first = refresh_token(&minted.body);
    origin.wait(Duration::from_mins(16));
    let second = show(&origin, &first).await;
    let database = origin.database().await;
    let show_in_vain = async |user_agent| {
        break_audit(&database).await;
        ask(&origin, &origin.app, &first, user_agent).refused(503, "database_unavailable").await;
        mend_audit(&database).await;
    };
    origin.wait(Duration::from_mins(10));
    show_in_vain(FIREFOX).await;
    assert_eq!(database.number("select count(*) from sessions where answered_late_at is not null").await, 0);
    assert_eq!(show(&origin, &first).await, second);
    assert_eq!(audited(&origin, "session.late").await, 1, "it would have been late");

    origin.wait(Duration::from_mins(6));
    token(&show(&origin, &token(&second)).await);
    show_in_vain(CURL).await;
    assert_eq!((origin.check(&minted.id).await.as_str(), revocations(&origin).await), ("live", 0));
    assert_eq!(code(&show_to(&origin, &origin.app, &first, CURL).await), "reuse", "it would have been that");
}
