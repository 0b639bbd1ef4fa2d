//! Answers that were lost: a laptop went to sleep, a tab was closed.

use std::time::Duration;

use super::{CURL, FIREFOX, audited, code, generation, mint, refresh_token, show, show_to, token};
use crate::kit::Origin;

#[tokio::test]
async fn an_answer_that_was_lost_is_given_again_while_its_tokens_live() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    let first = refresh_token(&minted.body);
    origin.wait(Duration::from_mins(16));
    let lost = show(&origin, &first).await;
    origin.wait(Duration::from_mins(10));
    assert_eq!(show(&origin, &first).await, lost);
    assert_eq!(audited(&origin, "session.late").await, 1);
    assert_eq!(generation(&origin, &minted.id).await, 1);
    for _ in 0..9 {
        assert_eq!(show(&origin, &first).await, lost, "ten tabs");
    }
    assert_eq!(audited(&origin, "session.late").await, 1);
    // Life goes on.
    origin.wait(Duration::from_mins(10));
    let mut next = token(&lost);
    for expected in 2..5 {
        next = token(&show(&origin, &next).await);
        assert_eq!(generation(&origin, &minted.id).await, expected);
        origin.wait(Duration::from_mins(16));
    }
    assert_eq!(audited(&origin, "session.late").await, 1);
}

#[tokio::test]
async fn once_they_are_dead_everybody_who_wakes_up_is_given_the_next() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    let first = refresh_token(&minted.body);
    origin.wait(Duration::from_mins(16));
    let lost = token(&show(&origin, &first).await);
    origin.wait(Duration::from_mins(40));
    let given = show(&origin, &first).await;
    assert_ne!(token(&given), lost);
    assert_eq!(generation(&origin, &minted.id).await, 2);
    for held in [&first, &lost, &first, &token(&given)] {
        assert_eq!(show(&origin, held).await, given);
    }
    let detail = origin
        .database()
        .await
        .rows::<(String, String)>("select event, detail from audit where event = 'session.late'")
        .await;
    let since = "2026-06-01T12:16:00.000Z";
    let expected = format!("generation 0 was shown, 1 is the present one since {since}");
    assert_eq!(detail, [("session.late".to_owned(), expected)]);
}

#[tokio::test]
async fn who_is_late_twice_in_a_row_is_taken_for_a_thief() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    let first = refresh_token(&minted.body);
    origin.wait(Duration::from_mins(16));
    let lost = show(&origin, &first).await;
    origin.wait(Duration::from_mins(5));
    assert_eq!(show(&origin, &first).await, lost);
    origin.wait(Duration::from_secs(59));
    assert_eq!(show(&origin, &first).await, lost, "the window of the late answer");
    origin.wait(Duration::from_secs(1));
    assert_eq!(code(&show(&origin, &first).await), "reuse");
    assert_eq!(code(&show(&origin, &token(&lost)).await), "revoked");
    assert_eq!(origin.check(&minted.id).await, "revoked");
}

#[tokio::test]
async fn who_got_the_late_answer_may_lose_another() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    let mut held = refresh_token(&minted.body);
    for turn in 0..4 {
        origin.wait(Duration::from_mins(16));
        let lost = token(&show(&origin, &held).await);
        origin.wait(Duration::from_mins(3));
        assert_eq!(token(&show(&origin, &held).await), lost, "turn {turn}");
        held = lost;
    }
    assert_eq!(audited(&origin, "session.late").await, 4);
    assert_eq!(audited(&origin, "session.reuse").await, 0);
}

#[tokio::test]
async fn a_browser_may_have_been_updated_while_the_laptop_slept() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    let first = refresh_token(&minted.body);
    origin.wait(Duration::from_mins(16));
    let lost = show(&origin, &first).await;
    origin.wait(Duration::from_mins(5));
    for _ in 0..3 {
        assert_eq!(show_to(&origin, &origin.app, &first, CURL).await, lost);
    }
    assert_eq!(code(&show_to(&origin, &origin.app, &first, FIREFOX).await), "reuse");
}

#[tokio::test]
async fn a_key_stays_as_long_as_somebody_may_come_back_with_what_it_signed() {
    let origin = Origin::start().await;
    let minted = origin.mint_with(serde_json::json!({ "user_agent": FIREFOX, "remember": true })).await;
    let (demo, office) = ("demo".parse().unwrap(), origin.app.office());
    let first = refresh_token(&minted.body);
    let gone = format!(
        "select count(*) from signing_keys where state = 'destroyed' and id = 'sk-{}'",
        first.split('.').nth(1).unwrap()
    );
    for _ in 0..2 {
        office.rotate(&demo).await.unwrap();
        origin.wait(Duration::from_mins(20));
        token(&show(&origin, &first).await);
        origin.wait(Duration::from_hours(1));
        office.housekeep(&origin.config.housekeeping).await;
        assert_eq!(origin.database().await.number(&gone).await, 0);
        // Lost as well, but for the last.
        let sql = "update sessions set answered_late_at = null";
        origin.database().await.execute(sql).await.unwrap();
    }
    assert_eq!(generation(&origin, &minted.id).await, 2);
    origin.wait(Duration::from_mins(20));
    token(&show(&origin, &first).await);
}
