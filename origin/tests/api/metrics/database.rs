//! The database as it is seen from here: its connections, and what is told without it.

use std::time::{Duration, Instant};

use serde_json::json;
use sqlx::{Executor as _, Postgres, Sqlite, Transaction};

use super::Scrape;
use crate::kit::Origin;
use crate::kit::database::Backdoor;

const UP: &str = "sealgate_database_up";

/// What keeps others from writing sessions until it is dropped.
enum Blockade {
    Sqlite(#[expect(dead_code, reason = "held")] Transaction<'static, Sqlite>),
    Postgres(#[expect(dead_code, reason = "held")] Transaction<'static, Postgres>),
}

impl Blockade {
    async fn of_writers(database: &Backdoor) -> Self {
        match database {
            Backdoor::Sqlite(pool) => Self::Sqlite(pool.begin_with("begin immediate").await.unwrap()),
            Backdoor::Postgres(pool) => {
                let mut transaction = pool.begin().await.unwrap();
                transaction.execute("lock table sessions in access exclusive mode").await.unwrap();
                Self::Postgres(transaction)
            }
        }
    }
}

/// The pool that writes.
fn pool(database: &Backdoor) -> &'static str {
    match database {
        Backdoor::Sqlite(_) => "write",
        Backdoor::Postgres(_) => "all",
    }
}

#[tokio::test]
async fn connections_are_told_by_state_and_a_busy_one_shows() {
    let origin = Origin::start().await;
    origin.mint().await;
    let database = origin.database().await;
    let name = |state| format!("sealgate_database_connections{{pool=\"{}\",state=\"{state}\"}}", pool(&database));
    let scrape = Scrape::of(&origin).await;
    scrape.expect(&[(&name("in_use"), 0.0), (UP, 1.0)]);
    let most = scrape.value(&format!("sealgate_database_connections_max{{pool=\"{}\"}}", pool(&database)));
    assert!((1.0..=most).contains(&scrape.value(&name("idle"))), "of {most}");

    let blockade = Blockade::of_writers(&database).await;
    let body = json!({ "tenant": "demo", "actor_type": "user", "actor_id": "ada" });
    let minting = tokio::spawn(origin.v1("POST", "/v1/sessions").json(&body).send());
    let begun = Instant::now();
    while Scrape::of(&origin).await.value(&name("in_use")) < 1.0 {
        assert!(begun.elapsed() < Duration::from_secs(3), "nobody is seen to wait");
    }
    drop(blockade);
    assert_eq!(minting.await.unwrap().status, 201);
}

#[tokio::test]
async fn without_the_database_the_rest_is_told() {
    let origin = Origin::start().await;
    origin.mint().await;
    let whole = Scrape::of(&origin).await.names();
    origin.app.office().store().close().await;
    let scrape = Scrape::of(&origin).await;
    scrape.expect(&[(UP, 0.0), ("sealgate_mints_total{outcome=\"ok\"}", 1.0)]);
    let missing: Vec<String> = whole.difference(&scrape.names()).cloned().collect();
    let surveyed = [
        "sealgate_audit_position",
        "sealgate_audit_unlinked",
        "sealgate_audit_unlinked_age_seconds",
        "sealgate_keyring_version",
        "sealgate_revocation_epoch",
        "sealgate_revocation_sequence",
        "sealgate_signing_key_age_max_seconds",
        "sealgate_signing_keys_active",
        "sealgate_signing_keys_pending_missing",
    ];
    assert_eq!(missing, surveyed, "rather nothing than something old");
}

#[tokio::test]
async fn nobody_waits_for_a_database_that_hangs() {
    let origin = Origin::start().await;
    let Backdoor::Postgres(pool) = origin.database().await else { return };
    let mut transaction = pool.begin().await.unwrap();
    transaction.execute("lock table counters in access exclusive mode").await.unwrap();
    let begun = Instant::now();
    let several = (0..4).map(|_| {
        let private = origin.app.private_router();
        tokio::spawn(async move { Scrape::through(private).await })
    });
    for scrape in several.collect::<Vec<_>>() {
        scrape.await.unwrap().expect(&[(UP, 0.0)]);
    }
    assert!(begun.elapsed() < Duration::from_millis(2_500), "they wait together: {:?}", begun.elapsed());
    transaction.rollback().await.unwrap();
    Scrape::of(&origin).await.expect(&[(UP, 1.0)]);
}
