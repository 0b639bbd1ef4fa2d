//! What the database holds of people: neither where they come from nor what they browse with, unless the operator wants it.

use sealgate_test_database::Engine;
use serde_json::json;
use sqlx::Connection as _;

use crate::refresh::World;

const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// What there is of both in the database, once somebody has signed in, was refreshed, and signed in by a form.
async fn kept(engine: Engine, keep: bool) -> Vec<(Option<String>, Option<String>)> {
    const SQL: &str = "select ip, user_agent from sessions order by created_at, id";
    let change = |config: &mut sealgate_origin::config::Config| {
        config.keep.ip = keep;
        config.keep.user_agent = keep;
    };
    let world = World::start_on(engine, change, |_| {}).await;
    let fields = json!({ "user_agent": AGENT, "ip": "203.0.113.9" });
    let (ada, _) = world.signed_in_with("ada", fields).await;
    let mut ada = ada.with_header("user-agent", AGENT).with_header("cf-connecting-ip", "203.0.113.9");
    world.expire().await;
    assert_eq!(ada.get("/").await.status, 200);
    let mut form = world
        .browser()
        .with_header("user-agent", AGENT)
        .with_header("cf-connecting-ip", "203.0.113.9")
        .with_header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(form.post("/auth/login", "name=bob&return_to=/").await.status, 303);
    let database = world.stack.database().unwrap();
    if let Some(database) = database.postgres() {
        sqlx::query_as(SQL).fetch_all(&mut database.connect().await).await.unwrap()
    } else {
        let mut file = sqlx::SqliteConnection::connect(database.url()).await.unwrap();
        sqlx::query_as(SQL).fetch_all(&mut file).await.unwrap()
    }
}

#[tokio::test]
async fn by_default_neither_address_nor_user_agent_is_kept() {
    for engine in Engine::ALL {
        assert_eq!(kept(engine, false).await, [(None, None), (None, None)], "{engine:?}");
    }
}

#[tokio::test]
async fn where_the_operator_wants_it_both_are_kept() {
    for engine in Engine::ALL {
        let kept = kept(engine, true).await;
        assert!(kept.iter().all(|(_, agent)| agent.as_deref() == Some(AGENT)), "{engine:?}: {kept:?}");
        assert!(kept.iter().all(|(ip, _)| ip.as_deref() == Some("203.0.113.9")), "{engine:?}: {kept:?}");
    }
}
