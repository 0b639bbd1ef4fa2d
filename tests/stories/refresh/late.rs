//! Answers that never came: whoever comes back for one is given it, once.

use std::time::Duration;

use sealgate_test_database::Engine;
use sealgate_tests::tabs::Tabs;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{World, expect_in, expect_out, generation_of};

const HOUR: Duration = Duration::from_hours(1);

/// A browser whose refresh was answered, and the answer was lost on the wire.
async fn lose_an_answer(world: &World, tabs: &Tabs) {
    let mut front = world.front.hold();
    let asking = tabs.clone();
    let lost = tokio::spawn(async move { asking.get("/").await });
    let held = front.next().await;
    lost.abort();
    world.front.let_all_go();
    drop(held);
}

async fn sleeper(world: &World) -> (Tabs, Value) {
    let (ada, session) = world.signed_in_with("ada", json!({ "remember": true })).await;
    world.expire().await;
    let tabs = Tabs::of(ada);
    lose_an_answer(world, &tabs).await;
    assert_eq!((generation_of(&tabs.browser()), world.refreshes()), (0, 1));
    (tabs, session)
}

async fn an_hour_later(engine: Engine) {
    let world = World::start_on(engine, |_| {}, |_| {}).await;
    let (tabs, session) = sleeper(&world).await;
    world.stack.advance(HOUR).await;
    // All tabs of the woken laptop come at once, with what they have.
    let mut loading = JoinSet::new();
    for _ in 0..10 {
        let tabs = tabs.clone();
        loading.spawn(async move { tabs.get("/").await });
    }
    while let Some(answer) = loading.join_next().await {
        expect_in(&answer.unwrap(), &session, "an hour later");
    }
    let late = [("session.late".to_owned(), session["id"].as_str().unwrap().to_owned())];
    assert_eq!(world.audit().await, late);
    for _ in 0..3 {
        world.expire().await;
        expect_in(&tabs.get("/").await, &session, "as if nothing had been");
    }
    assert_eq!(world.audit().await, late, "one is enough");
    assert_eq!(world.revoked_reason(&session).await, None);
}

#[tokio::test]
async fn an_answer_was_lost_and_the_client_is_back_an_hour_later() {
    an_hour_later(Engine::Sqlite).await;
}

#[tokio::test]
async fn an_answer_was_lost_and_the_client_is_back_an_hour_later_on_postgres() {
    an_hour_later(Engine::Postgres).await;
}

#[tokio::test]
async fn what_was_lost_is_given_again_within_the_window_and_nobody_hears_of_it() {
    let world = World::start().await;
    let (tabs, session) = sleeper(&world).await;
    world.stack.advance(Duration::from_secs(59)).await;
    expect_in(&tabs.get("/").await, &session, "a minute later");
    assert_eq!(generation_of(&tabs.browser()), 1);
    assert_eq!(world.audit().await, []);
}

/// Between the edge and the origin: the edge says that it is broken, and the browser keeps what it has.
#[tokio::test]
async fn an_answer_that_the_edge_never_gets_signs_nobody_out() {
    let world = World::start().await;
    let (mut ada, session) = world.signed_in("ada").await;
    expect_in(&ada.get("/").await, &session, "at first");
    world.expire().await;
    let mut back = world.back.hold_at("/internal/refresh");
    let losing = tokio::spawn({
        let mut ada = ada.clone();
        async move { ada.get("/").await }
    });
    drop(back.next().await);
    let answer = losing.await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (503, "origin_unavailable"));
    assert!(answer.set_cookies().is_empty(), "{answer:?}");
    world.back.let_all_go();
    expect_in(&ada.get("/").await, &session, "the next time");
    assert_eq!(generation_of(&ada), 1);
    assert_eq!(world.audit().await, []);
}

/// Losing two answers in a row looks no different from a thief who is always a step behind.
#[tokio::test]
async fn coming_late_twice_in_a_row_is_reuse() {
    let world = World::start().await;
    let (tabs, session) = sleeper(&world).await;
    let old = tabs.browser();
    world.stack.advance(HOUR).await;
    lose_an_answer(&world, &tabs).await;
    world.stack.advance(HOUR).await;
    expect_out(&Tabs::of(old).get("/").await, "revoked", "once more an hour later");
    let events: Vec<_> = world.audit().await.into_iter().map(|(event, _)| event).collect();
    assert_eq!(events, ["session.late", "session.reuse"]);
    assert_eq!(world.revoked_reason(&session).await.as_deref(), Some("reuse"));
}
