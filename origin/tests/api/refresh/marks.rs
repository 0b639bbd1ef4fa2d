//! Marks that refuse tokens and end no session.

use std::time::Duration;

use super::{code, generation, mark, mint, refresh_token, show, token};
use crate::kit::Origin;

#[tokio::test]
async fn a_mark_moves_the_session_on_inside_the_window_and_leaves_no_tab_behind() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    let first = refresh_token(&minted.body);
    origin.wait(Duration::from_mins(16));
    let second = token(&show(&origin, &first).await);
    origin.wait(Duration::from_secs(5));
    mark(&origin, "2026-06-01T12:16:05.000Z").await;
    let third = show(&origin, &second).await;
    assert_ne!(token(&third), second);
    // Tabs with what was good a moment ago, and a moment before that.
    for held in [&first, &second, &first] {
        assert_eq!(show(&origin, held).await, third);
    }
    assert_eq!(generation(&origin, &minted.id).await, 2);
    origin.wait(Duration::from_secs(5));
    mark(&origin, "2026-06-01T12:16:10.000Z").await;
    let fourth = show(&origin, &first).await;
    assert_ne!(token(&fourth), token(&third), "who comes with an old one meets the mark as well");
    for held in [&first, &second, &token(&third), &token(&fourth)] {
        assert_eq!(show(&origin, held).await, fourth);
    }
    assert_eq!(origin.check(&minted.id).await, "live");
}

#[tokio::test]
async fn what_is_issued_is_newer_than_a_mark_by_a_clock_that_is_ahead() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    mark(&origin, "2026-06-01T12:00:03.000Z").await;
    let next = show(&origin, &refresh_token(&minted.body)).await;
    assert_eq!(generation(&origin, &minted.id).await, 1);
    let issued = "select count(*) from sessions where issued_at = '2026-06-01T12:00:03.000Z'";
    assert_eq!(origin.database().await.number(issued).await, 1);
    assert_eq!(show(&origin, &token(&next)).await, next, "and is hit no more");
    // A second mark over the very same moment.
    mark(&origin, "2026-06-01T12:00:03.000Z").await;
    assert_eq!(show(&origin, &token(&next)).await, next);
}

#[tokio::test]
async fn signing_out_everywhere_is_no_such_mark() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    let answer = origin.v1("DELETE", "/v1/actors/user/ada/sessions").send().await;
    assert_eq!(answer.json()["revoked"], 1);
    assert_eq!(code(&show(&origin, &refresh_token(&minted.body)).await), "revoked");
}

#[tokio::test]
async fn a_mark_past_the_end_of_the_session_leaves_no_time_for_another_token() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    mark(&origin, "2026-06-01T20:00:00.000Z").await;
    assert_eq!(code(&show(&origin, &refresh_token(&minted.body)).await), "expired");
    assert_eq!(generation(&origin, &minted.id).await, 0);
}
