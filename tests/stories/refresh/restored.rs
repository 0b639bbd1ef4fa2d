//! A database that has forgotten something, and one that somebody has a copy of.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sealgate_test_database::Engine;

use super::{ACCESS, REFRESH, World, expect_in, expect_out};

/// A backup from before the last refreshes: the row is a step behind what the browser shows. Nobody has stolen anything.
async fn a_generation_above_the_rows(engine: Engine) {
    let world = World::start_on(engine, |_| {}, |_| {}).await;
    let (mut ada, session) = world.signed_in("ada").await;
    for _ in 0..2 {
        world.expire().await;
        expect_in(&ada.get("/").await, &session, "before");
    }
    world.change_database("update sessions set generation = 1, previous_generation = 0 where generation = 2").await;
    world.expire().await;
    let refreshes = world.refreshes();
    for _ in 0..20 {
        expect_out(&ada.clone().get("/").await, "expired", "who shows what nobody knows of");
    }
    assert_eq!(world.refreshes() - refreshes, 1, "what was refused once is not asked again");
    let person = ada.clone().navigating().get("/page").await;
    assert_eq!((person.status.as_u16(), person.header("location")), (302, Some("/auth/login?return_to=/page")));
    assert_eq!(world.audit().await, [], "no alarm");
    assert_eq!(world.revoked_reason(&session).await, None, "and nothing is revoked");
}

#[tokio::test]
async fn a_generation_above_the_rows_is_to_sign_in_again() {
    a_generation_above_the_rows(Engine::Sqlite).await;
}

#[tokio::test]
async fn a_generation_above_the_rows_is_to_sign_in_again_on_postgres() {
    a_generation_above_the_rows(Engine::Postgres).await;
}

/// The row is gone altogether; once that is known, the origin hears no more of it.
#[tokio::test]
async fn a_session_without_a_row_is_refused_and_asked_about_once() {
    let world = World::start().await;
    let (ada, _) = world.signed_in("ada").await;
    let (mut bob, bobs) = world.signed_in("bob").await;
    world.change_database("delete from sessions where actor_id = 'ada'").await;
    world.expire().await;
    for _ in 0..20 {
        expect_out(&ada.clone().get("/").await, "revoked", "without a row");
    }
    assert_eq!(world.refreshes(), 1);
    // The memory of it ends no later than the token itself.
    expect_in(&bob.get("/").await, &bobs, "somebody else");
    assert_eq!(world.audit().await, []);
}

/// Whatever is in the database, and whatever was ever written beside it: no token, and nothing that makes one.
#[tokio::test]
async fn a_copy_of_the_database_holds_no_token() {
    let world = World::start().await;
    let mut secrets = Vec::new();
    let native = world.stack.origin.mint_with("ada", serde_json::json!({ "channel": "bearer" })).await;
    for name in ["access_token", "refresh_token"] {
        secrets.push(native[name].as_str().unwrap().to_owned());
    }
    let (mut ada, session) = world.signed_in("ada").await;
    for _ in 0..3 {
        secrets.extend([ACCESS, REFRESH].map(|name| ada.cookies[name].clone()));
        world.expire().await;
        expect_in(&ada.get("/").await, &session, "ada");
    }
    secrets.extend([ACCESS, REFRESH].map(|name| ada.cookies[name].clone()));
    let copy = read_all(world.stack.database().unwrap().folder().unwrap());
    let id = session["id"].as_str().unwrap();
    assert!(contains(&copy, id.as_bytes()), "the session is in there");
    for token in &secrets {
        for mac in token.split('.').skip(3) {
            let bytes = URL_SAFE_NO_PAD.decode(mac).unwrap();
            assert!(!contains(&copy, mac.as_bytes()) && !contains(&copy, &bytes), "a MAC of {token}");
        }
    }
}

fn read_all(folder: &Path) -> Vec<u8> {
    let files = fs::read_dir(folder).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap());
    files.collect::<Vec<_>>().concat()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
