//! How many live sessions an actor may have.

use std::time::Duration;

use serde_json::json;

use crate::kit::{Minted, Origin};

async fn live(origin: &Origin, minted: &[Minted]) -> Vec<bool> {
    let mut live = Vec::new();
    for minted in minted {
        live.push(origin.check(&minted.id).await == "live");
    }
    live
}

async fn limited(limit: u32) -> Origin {
    Origin::start_with(|config| config.sessions_per_actor = limit).await
}

#[tokio::test]
async fn with_one_too_many_the_one_that_was_used_the_longest_ago_ends() {
    let origin = limited(3).await;
    let bob = origin.mint_with(json!({ "actor_id": "bob" })).await;
    let mut minted = Vec::new();
    for _ in 0..3 {
        minted.push(origin.mint().await);
        origin.wait(Duration::from_secs(1));
    }
    assert_eq!(live(&origin, &minted).await, [true; 3]);
    // The first was used since.
    let sql = format!("update sessions set last_seen_at = '2026-06-01T12:00:30.000Z' where id = '{}'", minted[0].id);
    origin.database().await.execute(&sql).await.unwrap();
    minted.push(origin.mint().await);
    assert_eq!(live(&origin, &minted).await, [true, false, true, true]);
    let shown = origin.v1("GET", &format!("/v1/sessions/{}", minted[1].id)).send().await.json();
    assert_eq!(shown["revoked_reason"], "session_limit");
    let entries = "select count(*) from revocations where kind = 'session'";
    assert_eq!(origin.database().await.number(entries).await, 1, "edges are told");
    assert_eq!(origin.check(&bob.id).await, "live");
    assert_eq!(minted.len(), 4);
}

#[tokio::test]
async fn the_new_one_stays_whatever_the_clocks_say() {
    let origin = limited(1).await;
    let old = origin.mint().await;
    // Another origin's clock is ahead.
    let sql = "update sessions set last_seen_at = '2026-06-01T12:00:01.000Z'";
    origin.database().await.execute(sql).await.unwrap();
    let new = origin.mint().await;
    assert_eq!(live(&origin, &[old, new]).await, [false, true]);
}

#[tokio::test]
async fn what_is_over_does_not_count() {
    let origin = limited(2).await;
    let (revoked, _expiring) = (origin.mint().await, origin.mint().await);
    origin.v1("DELETE", &format!("/v1/sessions/{}", revoked.id)).send().await;
    origin.wait(Duration::from_mins(30));
    let kept = origin.mint().await;
    origin.wait(Duration::from_mins(30));
    let new = origin.mint().await;
    assert_eq!(live(&origin, &[kept, new]).await, [true; 2]);
    let limited = "select count(*) from sessions where revoked_reason = 'session_limit'";
    assert_eq!(origin.database().await.number(limited).await, 0);
}

#[tokio::test]
async fn a_session_that_is_replaced_costs_no_other_its_place() {
    let origin = limited(2).await;
    let (kept, replaced) = (origin.mint().await, origin.mint().await);
    let new = origin.mint_with(json!({ "replaces": replaced.id })).await;
    assert_eq!(live(&origin, &[kept, replaced, new]).await, [true, false, true]);
}

#[tokio::test]
async fn a_limit_that_was_lowered_is_reached_by_and_by() {
    let origin = Origin::start().await;
    for _ in 0..20 {
        origin.mint().await;
    }
    let mut config = origin.config.clone();
    config.sessions_per_actor = 2;
    let clock = sealgate_origin::clock::Clock::from(origin.clock.clone());
    let app = sealgate_origin::app::App::build(&config, clock).await.unwrap();
    let body = json!({ "tenant": "demo", "actor_type": "user", "actor_id": "ada" });
    let count = "select count(*) from sessions where revoked_at is null";
    let mut counts = Vec::new();
    for _ in 0..2 {
        let ask = crate::kit::Ask::new(app.private_router(), "POST", "/v1/sessions").bearer(&origin.token).json(&body);
        assert_eq!(ask.send().await.status, 201);
        counts.push(origin.database().await.number(count).await);
    }
    assert_eq!(counts, [5, 2]);
}

#[tokio::test]
async fn many_at_once_are_counted_again() {
    let origin = limited(2).await;
    origin.mint().await;
    let mint = || origin.mint();
    tokio::join!(mint(), mint(), mint(), mint(), mint(), mint());
    origin.mint().await;
    let count = "select count(*) from sessions where revoked_at is null";
    assert_eq!(origin.database().await.number(count).await, 2);
}
