//! How long somebody stays signed in: as long as they chose, and no longer.

use std::time::Duration;

use sealgate_test_database::Engine;
use sealgate_tests::browser::Answer;
use serde_json::json;

use super::{ACCESS, CSRF, REFRESH, World, expect_in, expect_new_cookies, expect_out};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn whoever_does_nothing_for_an_hour_is_signed_out_and_nobody_is_asked() {
    let world = World::start().await;
    let (mut ada, session) = world.signed_in("ada").await;
    let mut bob = ada.clone();
    world.stack.advance(Duration::from_millis(3_599_999)).await;
    expect_in(&bob.get("/").await, &session, "at the last millisecond");
    ada.cookies.clone_from(&bob.cookies);
    world.stack.advance(HOUR).await;
    let refreshes = world.refreshes();
    expect_out(&ada.get("/").await, "expired", "an hour later");
    assert_eq!(world.refreshes(), refreshes, "the token itself says so");
}

async fn absolute(engine: Engine) {
    let world = World::start_on(engine, |_| {}, |_| {}).await;
    let (mut ada, session) = world.signed_in("ada").await;
    // 9 × 50 minutes, and 29 more.
    for _ in 0..9 {
        world.stack.advance(50 * MINUTE).await;
        expect_in(&ada.get("/").await, &session, "whoever is busy stays");
    }
    world.stack.advance(29 * MINUTE).await;
    let last = ada.get("/").await;
    expect_in(&last, &session, "a minute before the end");
    let ends: u64 = last.seen("x-sealgate-expires-at").unwrap().parse().unwrap();
    assert_eq!(ends, world.stack.now().plus(60_000).as_u64() / 1_000, "no token outlives the session");
    world.stack.advance(MINUTE).await;
    expect_out(&ada.get("/").await, "expired", "after eight hours");
}

#[tokio::test]
async fn after_eight_hours_it_is_over_whatever_somebody_did() {
    absolute(Engine::Sqlite).await;
}

#[tokio::test]
async fn after_eight_hours_it_is_over_whatever_somebody_did_on_postgres() {
    absolute(Engine::Postgres).await;
}

/// The seconds of `Max-Age`, by the name of the cookie.
fn max_ages(answer: &Answer) -> Vec<(String, Option<u64>)> {
    let read = |line: &String| {
        let age = line.split("; ").find_map(|attribute| attribute.strip_prefix("Max-Age="));
        (line.split_once('=').unwrap().0.to_owned(), age.map(|seconds| seconds.parse().unwrap()))
    };
    answer.set_cookies().iter().map(read).collect()
}

#[tokio::test]
async fn whoever_is_remembered_stays_for_a_fortnight_and_for_a_month_at_the_most() {
    let world = World::start().await;
    let (mut ada, session) = world.signed_in_with("ada", json!({ "remember": true })).await;
    let mut idle = ada.clone();
    // The browser's clock and the server's agree here.
    ada = ada.going_by(world.stack.clock(), 0);
    for (day, left) in [(13, 14), (26, 4)] {
        world.stack.advance(13 * DAY).await;
        let page = ada.get("/").await;
        expect_in(&page, &session, &format!("day {day}"));
        let age = left * 24 * 60 * 60;
        assert_eq!(max_ages(&page), [ACCESS, REFRESH, CSRF].map(|name| (name.to_owned(), Some(age))), "day {day}");
    }
    expect_out(&idle.get("/").await, "expired", "whoever did not come for a fortnight");
    world.stack.advance(4 * DAY).await;
    let over = ada.get("/").await;
    assert_eq!(over.status, 401, "{over:?}");
    assert!(ada.cookie_header().is_empty(), "a cookie does not outlive its session");
}

#[tokio::test]
async fn closing_the_browser_ends_what_is_not_remembered() {
    let world = World::start().await;
    let (mut ada, session) = world.signed_in_with("ada", json!({ "remember": true })).await;
    let (mut bob, bobs) = world.signed_in("bob").await;
    for browser in [&mut ada, &mut bob] {
        browser.restart();
    }
    expect_in(&ada.get("/").await, &session, "remembered");
    assert_eq!(bob.cookie_header(), "");
    expect_out(&bob.get("/").await, "missing", "not remembered");
    assert_eq!(world.revoked_reason(&bobs).await, None);

    // So it is after a refresh.
    let (mut bob, bobs) = world.signed_in("bob").await;
    world.expire().await;
    let page = bob.get("/").await;
    expect_in(&page, &bobs, "before");
    assert!(max_ages(&page).iter().all(|(_, age)| age.is_none()), "{page:?}");
    expect_new_cookies(&ada.get("/").await, "remembered");
    for browser in [&mut ada, &mut bob] {
        browser.restart();
    }
    expect_in(&ada.get("/").await, &session, "remembered");
    assert_eq!(bob.cookie_header(), "");
}

/// `Max-Age` is relative, so a clock that is wrong all the time does no harm; nothing else of ours reads the client's.
#[tokio::test]
async fn a_clients_clock_decides_nothing() {
    const HOUR_MS: i64 = 3_600_000;
    for ahead_ms in [-HOUR_MS, 0, HOUR_MS] {
        let world = World::start().await;
        let minted = world.stack.origin.mint_with("ada", json!({ "remember": true })).await;
        let mut ada = world.browser().going_by(world.stack.clock(), ahead_ms);
        ada.keep_session(&minted);
        let (mut bob, bobs) = world.signed_in("bob").await;
        bob = bob.going_by(world.stack.clock(), ahead_ms);
        for _ in 0..4 {
            world.expire().await;
            for (browser, session) in [(&mut ada, &minted["session"]), (&mut bob, &bobs)] {
                let answer = browser.get("/").await;
                expect_in(&answer, session, &format!("{ahead_ms} ms ahead"));
                expect_new_cookies(&answer, "with an expired token");
                expect_in(&browser.get("/").await, session, "and again");
            }
        }
        world.stack.advance(13 * DAY).await;
        expect_in(&ada.get("/").await, &minted["session"], &format!("{ahead_ms} ms ahead, after 13 days"));
    }
}

/// A browser that refuses our cookies is sent to sign in three times, and is then told.
#[tokio::test]
async fn somebody_whose_session_is_over_is_sent_round_three_times_at_the_most() {
    let world = World::start().await;
    let (mut ada, _) = world.signed_in("ada").await;
    world.stack.advance(2 * HOUR).await;
    ada = ada.navigating();
    for _ in 0..3 {
        let sent = ada.get("/page").await;
        assert_eq!((sent.status.as_u16(), sent.header("location")), (302, Some("/auth/login?return_to=/page")));
    }
    let told = ada.get("/page").await;
    assert_eq!((told.status.as_u16(), told.header("content-type")), (401, Some("text/html; charset=utf-8")));
}
