//! Sessions that have come to an end, and keys.

use std::time::Duration;

use sealgate_origin::store::RevokeKeysOutcome;
use serde_json::{Value, json};

use super::{FIREFOX, audited, code, generation, mint, refresh_token, show, token};
use crate::kit::{Origin, bend};

#[tokio::test]
async fn a_session_that_nobody_uses_ends_and_one_that_is_used_slides() {
    let origin = Origin::start().await;
    let (idle, used) = (mint(&origin).await, mint(&origin).await);
    let mut held = refresh_token(&used.body);
    for minute in [30, 60, 90] {
        origin.wait(Duration::from_mins(30));
        held = token(&show(&origin, &held).await);
        let session = origin.v1("GET", &format!("/v1/sessions/{}", used.id)).send().await.json();
        let end = minute + 60;
        assert_eq!(session["idle_expires_at"], format!("2026-06-01T{:02}:{:02}:00.000Z", 12 + end / 60, end % 60));
    }
    assert_eq!(code(&show(&origin, &refresh_token(&idle.body)).await), "expired");
    origin.wait(Duration::from_hours(1));
    assert_eq!(code(&show(&origin, &held).await), "expired");
}

#[tokio::test]
async fn no_session_slides_past_its_absolute_end() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    let mut held = refresh_token(&minted.body);
    let mut last = Value::Null;
    for _ in 0..15 {
        origin.wait(Duration::from_mins(31));
        held = token(&show(&origin, &held).await);
        last = origin.v1("GET", &format!("/v1/sessions/{}", minted.id)).send().await.json();
        assert_eq!(last["absolute_expires_at"], "2026-06-01T20:00:00.000Z");
    }
    assert_eq!(last["idle_expires_at"], "2026-06-01T20:00:00.000Z", "after 7 hours and 45 minutes");
    origin.wait(Duration::from_mins(14));
    let end = show(&origin, &held).await;
    let session = origin.v1("GET", &format!("/v1/sessions/{}", minted.id)).send().await.json();
    assert_eq!(session["access_expires_at"], "2026-06-01T20:00:00.000Z", "tokens end with it");
    origin.wait(Duration::from_mins(1));
    assert_eq!(code(&show(&origin, &token(&end)).await), "expired");
}

#[tokio::test]
async fn remembered_sessions_keep_their_cookies_for_as_long_as_they_are_idle() {
    let origin = Origin::start().await;
    let minted = origin.mint_with(json!({ "remember": true, "user_agent": FIREFOX })).await;
    let max_age = |answer: &Value| {
        let lines = answer["set_cookie"].as_array().unwrap().clone();
        let ages = lines.iter().map(|line| line.as_str().unwrap().split_once("Max-Age=").unwrap().1.to_owned());
        let mut ages: Vec<String> = ages.collect();
        ages.dedup();
        ages
    };
    assert_eq!(max_age(&minted.body), ["1209600"]);
    origin.wait(Duration::from_hours(10 * 24));
    let answer = show(&origin, &refresh_token(&minted.body)).await;
    assert_eq!(max_age(&answer), ["1209600"]);
    origin.wait(Duration::from_hours(10 * 24));
    let answer = show(&origin, &token(&answer)).await;
    assert_eq!(max_age(&answer), ["864000"], "ten days are left");
    origin.wait(Duration::from_hours(10 * 24));
    assert_eq!(code(&show(&origin, &token(&answer)).await), "expired");
}

#[tokio::test]
async fn what_was_signed_by_a_destroyed_key_has_expired_and_by_a_revoked_one_was_revoked() {
    let origin = Origin::start().await;
    let (demo, office) = ("demo".parse().unwrap(), origin.app.office());
    let gone = refresh_token(&origin.mint_with(json!({ "remember": true })).await.body);
    origin.database().await.execute("delete from sessions").await.unwrap();
    office.rotate(&demo).await.unwrap();
    origin.wait(Duration::from_hours(2));
    let done = office.housekeep(&origin.config.housekeeping).await;
    assert_eq!((done.withdrawn, done.destroyed), (1, 1));
    assert_eq!(code(&show(&origin, &gone).await), "expired");

    let leaked = refresh_token(&mint(&origin).await.body);
    let kid = leaked.split('.').nth(1).unwrap();
    let revoked = office.revoke_keys(&demo, format!("sk-{kid}").parse().unwrap(), false).await.unwrap();
    assert!(matches!(revoked, RevokeKeysOutcome::Revoked(_)), "{revoked:?}");
    assert_eq!(code(&show(&origin, &leaked).await), "revoked");
    assert_eq!(audited(&origin, "session.reuse").await, 0, "neither is an alarm");
}

#[tokio::test]
async fn a_session_that_is_gone_was_revoked() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    origin.database().await.execute("delete from sessions").await.unwrap();
    assert_eq!(code(&show(&origin, &refresh_token(&minted.body)).await), "revoked");
}

#[tokio::test]
async fn what_the_origin_did_not_make_is_refused_and_moves_nothing() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    let held = refresh_token(&minted.body);
    origin.wait(Duration::from_mins(16));
    let parts: Vec<&str> = held.split('.').collect();
    let put = |place: usize, text: &str| {
        let mut parts = parts.clone();
        parts[place] = text;
        parts.join(".")
    };
    for (forged, expected) in [
        (String::new(), "malformed"),
        (minted.access.clone(), "malformed"),
        ("r1.".repeat(100), "too_long"),
        (put(0, "r2"), "unknown_version"),
        (put(1, &bend(parts[1])), "unknown_kid"),
        (put(2, &bend(parts[2])), "bad_mac"),
        (put(3, &bend(parts[3])), "bad_mac"),
        (put(4, &bend(parts[4])), "bad_mac"),
    ] {
        assert_eq!(code(&show(&origin, &forged).await), expected, "{forged}");
    }
    let body = json!({ "tenant": "other", "refresh_token": held });
    let answer = origin.internal("POST", "/internal/refresh").json(&body).send().await.json();
    assert_eq!(code(&answer), "unknown_kid", "another tenant's");
    assert_eq!(generation(&origin, &minted.id).await, 0);
}

#[tokio::test]
async fn a_database_that_does_not_answer_refuses_nobody() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    origin.wait(Duration::from_mins(16));
    origin.database().await.execute("alter table sessions rename to gone").await.unwrap();
    let ask = super::ask(&origin, &origin.app, &refresh_token(&minted.body), FIREFOX);
    ask.refused(503, "database_unavailable").await;
    origin.database().await.execute("alter table gone rename to sessions").await.unwrap();
    token(&show(&origin, &refresh_token(&minted.body)).await);
}

#[tokio::test]
async fn outcomes_are_counted() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    let first = refresh_token(&minted.body);
    show(&origin, "nonsense").await;
    show(&origin, &first).await;
    origin.wait(Duration::from_mins(16));
    show(&origin, &first).await;
    origin.wait(Duration::from_mins(2));
    show(&origin, &first).await;
    origin.wait(Duration::from_mins(2));
    show(&origin, &first).await;
    show(&origin, &first).await;
    let scrape = super::super::metrics::Scrape::of(&origin).await;
    for (outcome, count) in [
        ("same", 1.0),
        ("step", 1.0),
        ("late", 1.0),
        ("reuse", 1.0),
        ("revoked", 1.0),
        ("rejected", 1.0),
        ("expired", 0.0),
        ("history_lost", 0.0),
        ("failed", 0.0),
    ] {
        scrape.expect(&[(&format!("sealgate_refreshes_total{{outcome=\"{outcome}\"}}"), count)]);
    }
}
