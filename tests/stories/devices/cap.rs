//! How many devices somebody may be signed in on: with one more, the one that was used the longest ago goes.

use std::time::Duration;

use sealgate_test_database::Engine;

use super::ids;
use crate::refresh::{World, expect_in, expect_out};

const CAP: usize = 3;

async fn cap(engine: Engine) {
    let cap = u32::try_from(CAP).unwrap();
    let world = World::start_on(engine, |config| config.sessions_per_actor = cap, |_| {}).await;
    let mut devices = Vec::new();
    for _ in 0..CAP {
        devices.push(world.signed_in("ada").await);
        world.stack.advance(Duration::from_mins(1)).await;
    }
    let (mut bob, bobs) = world.signed_in("bob").await;
    // The oldest is the one in use.
    world.expire().await;
    let (first, session) = &mut devices[0];
    expect_in(&first.get("/").await, session, "the first device");

    let (mut new, news) = world.signed_in("ada").await;
    world.stack.advance(Duration::from_millis(1_001)).await;
    expect_in(&new.get("/").await, &news, "the new one");
    let (first, session) = &mut devices[0];
    expect_in(&first.get("/").await, session, "the one in use");
    let (longest_idle, session) = &mut devices[1];
    expect_out(&longest_idle.get("/").await, "revoked", "the one that was used the longest ago");
    assert_eq!(world.revoked_reason(session).await.as_deref(), Some("session_limit"));
    assert_eq!(world.revoked_reason(&devices[2].1).await, None);
    assert_eq!(ids(&mut new).await.len(), CAP);
    expect_in(&bob.get("/").await, &bobs, "somebody else");
}

#[tokio::test]
async fn with_one_device_too_many_the_longest_idle_goes() {
    cap(Engine::Sqlite).await;
}

#[tokio::test]
async fn with_one_device_too_many_the_longest_idle_goes_on_postgres() {
    cap(Engine::Postgres).await;
}
