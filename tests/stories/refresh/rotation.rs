//! Keys change between a mint and a refresh.

use sealgate_origin::store::{KeyState, RevokeKeysOutcome};
use sealgate_test_database::Engine;
use sealgate_tests::wait::until;

use super::{ACCESS, CSRF, REFRESH, World, expect_in, expect_new_cookies};

fn kid(token: &str) -> &str {
    token.split('.').nth(1).unwrap()
}

async fn rotate(world: &World) {
    world.stack.origin.app().office().rotate(&"demo".parse().unwrap()).await.unwrap();
}

async fn rotated(engine: Engine) {
    let world = World::start_on(engine, |_| {}, |_| {}).await;
    let (mut ada, session) = world.signed_in("ada").await;
    let mut kids = vec![kid(&ada.cookies[ACCESS]).to_owned()];
    for round in 0..4 {
        let page = ada.cookies[CSRF].clone();
        rotate(&world).await;
        world.expire().await;
        let answer = ada.get("/").await;
        expect_in(&answer, &session, &format!("rotation {round}"));
        expect_new_cookies(&answer, "after a rotation");
        let signed = kid(&ada.cookies[ACCESS]).to_owned();
        assert_eq!(kid(&ada.cookies[REFRESH]), signed);
        assert!(!kids.contains(&signed), "rotation {round}: the new key signs");
        kids.push(signed);
        // A page that was loaded before shows an older token.
        assert_ne!(ada.cookies[CSRF], page);
        for token in [&page, &ada.cookies[CSRF]] {
            let mut old = ada.clone().without_fetch_metadata().with_header("x-csrf-token", token);
            expect_in(&old.post("/form", "").await, &session, "by either token");
        }
    }
    assert_eq!(world.revoked_reason(&session).await, None);
}

#[tokio::test]
async fn a_session_goes_on_under_the_new_key() {
    rotated(Engine::Sqlite).await;
}

#[tokio::test]
async fn a_session_goes_on_under_the_new_key_on_postgres() {
    rotated(Engine::Postgres).await;
}

/// A rotation between the winner's answer and a loser's: the loser is given the winner's bytes, signed by the key of then.
#[tokio::test]
async fn within_the_window_the_bytes_are_the_same_whatever_happens_to_the_keys() {
    let world = World::start().await;
    let (mut ada, session) = world.signed_in("ada").await;
    let mut loser = ada.clone();
    world.expire().await;
    expect_in(&ada.get("/").await, &session, "the winner");
    rotate(&world).await;
    world.stack.advance(std::time::Duration::from_secs(30)).await;
    expect_in(&loser.get("/").await, &session, "the loser");
    assert_eq!(loser.cookies, ada.cookies);
}

/// Another origin, told other things, under another key: whoever asks again within the window is answered with the very
/// bytes of the first answer.
async fn another_origin_gives_the_same_bytes(engine: Engine) {
    let mut world = World::start_on(engine, |_| {}, |_| {}).await;
    let (mut ada, session) = world.signed_in_with("ada", serde_json::json!({ "remember": true })).await;
    let mut losers = [ada.clone(), ada.clone()];
    world.expire().await;
    let answer = ada.get("/").await;
    expect_in(&answer, &session, "the winner");
    let lines = answer.set_cookies();
    for (number, loser) in losers.iter_mut().enumerate() {
        rotate(&world).await;
        world.stack.advance(std::time::Duration::from_secs(20)).await;
        world.stack.origin.stop().await;
        world
            .stack
            .restart_origin(|config| {
                config.lifetimes.access /= 2;
                config.lifetimes.remembered.idle /= 2;
                config.lifetimes.remembered.absolute /= 2;
            })
            .await;
        world.back.turn_to(&world.stack.origin.private());
        let answer = loser.get("/").await;
        expect_in(&answer, &session, &format!("loser {number}"));
        assert_eq!(answer.set_cookies(), lines, "loser {number}");
    }
}

#[tokio::test]
async fn another_origin_with_another_configuration_and_key_gives_the_same_bytes() {
    another_origin_gives_the_same_bytes(Engine::Sqlite).await;
}

#[tokio::test]
async fn another_origin_with_another_configuration_and_key_gives_the_same_bytes_on_postgres() {
    another_origin_gives_the_same_bytes(Engine::Postgres).await;
}

#[tokio::test]
async fn under_a_key_that_was_revoked_nobody_is_refreshed() {
    let world = World::start().await;
    let (mut ada, session) = world.signed_in("ada").await;
    expect_in(&ada.get("/").await, &session, "at first");
    let operator = world.stack.operator().await;
    let tenant = "demo".parse().unwrap();
    let keys = operator.store().list_keys(&tenant, operator.now()).await.unwrap();
    let leaked = keys.iter().find(|key| key.state == KeyState::Active).unwrap().id;
    let outcome = operator.revoke_keys(&tenant, leaked, false).await.unwrap();
    assert!(matches!(outcome, RevokeKeysOutcome::Revoked(_)), "{outcome:?}");
    world.expire().await;
    let answer = until("the origin to hear of it", async || {
        let answer = ada.get("/").await;
        (answer.status == 401).then_some(answer)
    })
    .await;
    assert!(["revoked", "expired"].contains(&answer.code().as_str()), "{answer:?}");
    assert_eq!(world.revoked_reason(&session).await.as_deref(), Some("key_revoked"));
    assert_eq!(world.audit().await, [], "it is no reuse");
}
