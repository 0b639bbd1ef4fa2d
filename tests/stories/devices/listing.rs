//! The list, and the names that people give their devices.

use std::time::Duration;

use sealgate_test_database::Engine;
use serde_json::json;

use super::{ids, listed, patch, path_of};
use crate::refresh::{World, expect_in};

async fn list(engine: Engine) {
    let world = World::start_on(engine, |_| {}, |_| {}).await;
    let (mut phone, phones) = world.signed_in("ada").await;
    let (mut laptop, laptops) = world.signed_in("ada").await;
    let (mut bob, bobs) = world.signed_in("bob").await;
    let id = |session: &serde_json::Value| session["id"].as_str().unwrap().to_owned();

    let mut mine = ids(&mut phone).await;
    mine.sort();
    let mut expected = vec![id(&phones), id(&laptops)];
    expected.sort();
    assert_eq!(mine, expected);
    assert_eq!(ids(&mut bob).await, [id(&bobs)]);
    for (browser, own) in [(&mut phone, &phones), (&mut laptop, &laptops)] {
        let current: Vec<_> = listed(browser).await.into_iter().filter(|session| session["current"] == true).collect();
        assert_eq!(current.len(), 1);
        assert_eq!(current[0]["id"], own["id"]);
    }

    // What was seen, when.
    world.stack.advance(Duration::from_mins(20)).await;
    expect_in(&phone.get("/").await, &phones, "the phone");
    let seen = listed(&mut phone).await;
    let of = |session: &serde_json::Value| seen.iter().find(|row| row["id"] == session["id"]).unwrap().clone();
    assert!(of(&phones)["last_seen_at"].as_str() > of(&laptops)["last_seen_at"].as_str(), "{seen:?}");
    assert!(!seen.iter().any(|row| row.to_string().contains("r1.") || row.to_string().contains("v1.")), "{seen:?}");

    // A name, and none.
    let named = patch(&mut laptop, &path_of(&phones), &json!({ "label": "Ada's phone" })).await;
    assert_eq!((named.status.as_u16(), &named.json()["label"]), (200, &json!("Ada's phone")), "{named:?}");
    let row = listed(&mut phone).await.into_iter().find(|row| row["id"] == phones["id"]).unwrap();
    assert_eq!(row["label"], "Ada's phone");
    let gone = patch(&mut phone, &path_of(&phones), &json!({ "label": null })).await;
    assert_eq!((gone.status.as_u16(), &gone.json()["label"]), (200, &json!(null)), "{gone:?}");

    // Another's is not there.
    let other = patch(&mut bob, &path_of(&phones), &json!({ "label": "mine" })).await;
    assert_eq!(other.status, 404, "{other:?}");
    let none = patch(&mut bob, "/auth/sessions/ses-AAAAAAAAAAAAAAAAAAAAAA", &json!({ "label": "mine" })).await;
    assert_eq!((none.status, none.code()), (other.status, other.code()), "as if it were none");

    // What is over is not listed.
    world.stack.origin.revoke(&laptops).await;
    assert_eq!(ids(&mut phone).await, [id(&phones)]);
    let revoked = patch(&mut phone, &path_of(&laptops), &json!({ "label": "gone" })).await;
    assert_eq!(revoked.status, 404, "{revoked:?}");
}

#[tokio::test]
async fn everybody_sees_their_own_devices_and_names_them() {
    list(Engine::Sqlite).await;
}

#[tokio::test]
async fn everybody_sees_their_own_devices_and_names_them_on_postgres() {
    list(Engine::Postgres).await;
}

#[tokio::test]
async fn a_device_is_known_by_a_coarse_name() {
    let world = World::start().await;
    let minted = world
        .stack
        .origin
        .mint_with(
            "ada",
            json!({ "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" }),
        )
        .await;
    let mut ada = world.browser();
    ada.keep_session(&minted);
    let devices = listed(&mut ada).await;
    assert_eq!(devices[0]["device_name"], "Firefox on Linux", "{devices:?}");
}
