//! The database is an older one than it was: what an edge has seen revoked stays so, whatever the database has forgotten,
//! and whatever happens to the edge's memory.

use std::time::Duration;

use sealgate_origin::office::AfterRestore;
use sealgate_origin::store::{BackupOutcome, Location};
use sealgate_shared::edge::EdgeSecret;
use sealgate_shared::revocation::Head;
use sealgate_shared::secret::Secret32;
use sealgate_tests::browser::Browser;
use sealgate_tests::relay::{Exchange, Relay};
use sealgate_tests::stack::Stack;
use serde_json::Value;
use tempfile::TempDir;

use super::{age, expect_revoked, expect_unavailable};
use crate::panics;

struct World {
    stack: Stack,
    relay: Relay,
    folder: TempDir,
    ada: Browser,
    /// Revoked after the backup was made, and seen to be.
    bob: Browser,
    /// To be revoked later.
    carol: (Browser, Value),
}

impl World {
    async fn start() -> Self {
        let relay = Relay::start().await;
        let stack = panics::start_with(|settings| {
            relay.stand_before(&mut settings["origin_private"]);
            settings["tenants"][0]["routes"] =
                serde_json::json!([{ "path": "/open", "policy": "session", "unreachable": "open" }]);
        })
        .await;
        let (mut ada, _) = stack.signed_in("ada").await;
        let (mut bob, bobs) = stack.signed_in("bob").await;
        let carol = stack.signed_in("carol").await;
        let folder = TempDir::new().unwrap();
        let store = stack.origin.app().office().store();
        assert_eq!(store.back_up(&folder.path().join("backup")).await.unwrap(), BackupOutcome::Done);
        assert_eq!(age(&bob.get("/").await), 0);
        stack.origin.revoke(&bobs).await;
        stack.advance(Duration::from_millis(1_001)).await;
        expect_revoked(&bob.get("/").await, "before");
        assert_eq!(age(&ada.get("/").await), 0);
        Self { stack, relay, folder, ada, bob, carol }
    }

    /// Puts the backup in the place of the database, and starts an origin on it.
    async fn restore(&mut self, then: AfterRestore) {
        self.stack.origin.stop().await;
        let database = Location::Sqlite(self.folder.path().join("backup"));
        let change = |config: &mut sealgate_origin::config::Config| {
            config.database = database;
            config.after_restore = then;
        };
        self.stack.restart_origin(change).await;
        self.relay.turn_to(&self.stack.origin.private());
        self.pass().await;
    }

    /// Lets what is held grow too old to decide.
    async fn pass(&self) {
        self.stack.advance(Duration::from_millis(1_001)).await;
    }

    /// The epoch that the last head was of.
    fn epoch(&self) -> u64 {
        let head = self.relay.passed().into_iter().rfind(Exchange::is_head).expect("there was one");
        let secret = EdgeSecret::new(Secret32::from_base64url(self.stack.origin.edge_secret()).unwrap());
        Head::open(&head.answer.body, &"dev".parse().unwrap(), &secret).unwrap().position.epoch
    }
}

#[tokio::test]
async fn a_restored_backup_brings_nobody_back_who_was_seen_to_be_revoked() {
    let mut world = World::start().await;
    assert_eq!(world.epoch(), 1);
    world.restore(AfterRestore::KeepSessions).await;
    assert_eq!(age(&world.ada.get("/").await), 0, "sessions go on");
    assert!(world.epoch() > 1, "the edge has shown what it had seen");
    expect_revoked(&world.bob.get("/").await, "the backup does not know, and the edge does");

    // The sequence goes on in the new epoch, from where the backup was.
    let (mut carol, session) = world.carol.clone();
    assert_eq!(age(&carol.get("/").await), 0);
    world.stack.origin.revoke(&session).await;
    world.pass().await;
    expect_revoked(&carol.get("/").await, "revoked in the new epoch");
    assert_eq!(age(&world.ada.get("/").await), 0);

    // The module loses its memory: what both epochs told of is handed back.
    for place in panics::PLACES {
        panics::panic_at(&world.stack, place).await;
        for browser in [&mut world.bob, &mut carol] {
            expect_revoked(&browser.get("/").await, &format!("after a panic at {place}"));
        }
        assert_eq!(age(&world.ada.get("/").await), 0, "after a panic at {place}");
    }
    // And once more, with nobody to ask.
    panics::panic_at(&world.stack, "gate").await;
    world.stack.origin.stop().await;
    for path in ["/", "/open"] {
        for browser in [&mut world.bob, &mut carol] {
            expect_revoked(&browser.get(path).await, "after a panic, without the origin");
        }
    }
    world.pass().await;
    expect_unavailable(&world.ada.get("/").await, "nobody can tell");
    assert!(age(&world.ada.get("/open").await) > 1_000, "where the route says so, by what was handed back");
}

#[tokio::test]
async fn where_sessions_end_with_a_restored_backup_all_of_them_do() {
    let mut world = World::start().await;
    world.restore(AfterRestore::EndSessions).await;
    let (mut carol, _) = world.carol.clone();
    for browser in [&mut world.ada, &mut world.bob, &mut carol] {
        expect_revoked(&browser.get("/").await, "nobody vouches for it");
    }
    assert!(world.epoch() > 1);
    let (mut again, _) = world.stack.signed_in("ada").await;
    assert_eq!(age(&again.get("/").await), 0, "whoever signs in again is in");
    panics::panic_at(&world.stack, "gate").await;
    for browser in [&mut world.ada, &mut world.bob, &mut carol] {
        expect_revoked(&browser.get("/").await, "after a panic");
    }
}

#[tokio::test]
async fn an_operator_who_says_that_the_database_was_restored_begins_an_epoch_that_forgets_nothing() {
    let mut world = World::start().await;
    let operator = world.stack.operator().await;
    for epoch in 2..=4 {
        assert!(operator.begin_epoch(None, AfterRestore::KeepSessions).await.unwrap());
        world.pass().await;
        assert_eq!(age(&world.ada.get("/").await), 0);
        assert!(world.epoch() >= epoch);
        expect_revoked(&world.bob.get("/").await, "in a later epoch");
    }
    // What is in no head any more comes with the snapshot of the new epoch.
    world.stack.advance(Duration::from_secs(61)).await;
    assert!(operator.begin_epoch(None, AfterRestore::KeepSessions).await.unwrap());
    world.pass().await;
    assert_eq!(age(&world.ada.get("/").await), 0);
    expect_revoked(&world.bob.get("/").await, "after a snapshot");
    panics::panic_at(&world.stack, "answer").await;
    expect_revoked(&world.bob.get("/").await, "after a panic");
}
