//! An edge whose position the database does not have.

use sealgate_origin::office::AfterRestore;
use sealgate_shared::revocation::{Position, Taken};

use super::restore::Story;
use crate::follower::Follower;
use crate::kit::Origin;

/// The edge as it was before the backup was restored, turned to the origin that serves the backup.
async fn follower(story: &Story) -> Follower {
    let mut edge = Follower::new(&story.origin);
    assert_eq!(edge.follow().await, Taken::Complete);
    assert_eq!(edge.set.position(), Some(Position { epoch: 1, sequence: 1 }));
    edge
}

#[tokio::test]
async fn an_edge_that_is_ahead_makes_it_begin_an_epoch_whose_snapshot_is_added() {
    for then in [AfterRestore::EndSessions, AfterRestore::KeepSessions] {
        let story = Story::tell(then).await;
        let mut edge = follower(&story).await;
        let app = story.restore().await;
        edge.turn_to(&app);
        let shown = edge.set.position().unwrap();
        let head = edge.head_showing(shown).await;
        assert!(head.position.epoch > 1, "{head:?}");
        assert!(head.keyring > story.held, "an older keyring would be used on");
        let ended = then == AfterRestore::EndSessions;
        assert_eq!(story.check(&app, &story.live).await, if ended { "revoked" } else { "live" });

        let again = edge.head_showing(shown).await;
        assert_eq!(again.position, head.position, "the next edge that was ahead finds everything done");
        let before = edge.set.len();
        edge.follow().await;
        assert_eq!(edge.set.position(), Some(head.position));
        assert_eq!(edge.set.len(), before + head.entries.len(), "what it knew, it knows");
        assert_eq!(edge.follow().await, Taken::Complete);
    }
}

#[tokio::test]
async fn an_epoch_that_begins_behind_a_full_head_is_a_gap() {
    let origin = Origin::start().await;
    for _ in 0..3 {
        let minted = origin.mint().await;
        origin.v1("DELETE", &format!("/v1/sessions/{}", minted.id)).send().await;
    }
    let mut edge = Follower::new(&origin);
    edge.follow().await;
    origin.wait(std::time::Duration::from_secs(61));
    assert_eq!(edge.follow().await, Taken::Complete);
    let shown = edge.set.position().unwrap();
    assert_eq!(edge.head_showing(shown).await.position, shown, "what the database has is no reason");
    let head = edge.head_showing(Position { sequence: shown.sequence + 1, ..shown }).await;
    assert!(head.position.epoch > shown.epoch && head.after >= 3, "{head:?}");
    assert!(matches!(edge.follow().await, Taken::Gap(position) if position.epoch == head.position.epoch));
    // A position of a later epoch, whatever its number.
    let later = edge.head_showing(Position { epoch: head.position.epoch + 5, sequence: 0 }).await;
    assert!(later.position.epoch > head.position.epoch + 5);
}

#[tokio::test]
async fn a_position_that_nobody_can_have_seen_changes_nothing() {
    let origin = Origin::start().await;
    let edge = Follower::new(&origin);
    let before = edge.head().await;
    for epoch in [u64::MAX, u64::MAX / 2, 1 << 40] {
        let head = edge.head_showing(Position { epoch, sequence: 1 }).await;
        assert_eq!((head.position, head.keyring), (before.position, before.keyring));
    }
    let ring = origin.internal("GET", "/internal/keyring").header("if-none-match", &format!("\"{}\"", u64::MAX));
    assert_eq!(ring.send().await.status, 200);
    assert_eq!(edge.head().await.keyring, before.keyring);
}

#[tokio::test]
async fn many_who_are_ahead_begin_one_epoch() {
    let origin = Origin::start().await;
    let other = origin.start_another().await;
    let asking = [&origin.app, &other, &origin.app, &other].map(|app| {
        let mut edge = Follower::new(&origin);
        edge.turn_to(app);
        tokio::spawn(async move { edge.head_showing(Position { epoch: 1, sequence: 9 }).await.position.epoch })
    });
    let mut epochs = Vec::new();
    for one in asking {
        epochs.push(one.await.unwrap());
    }
    assert!(epochs.iter().all(|epoch| *epoch == epochs[0] && *epoch > 1), "{epochs:?}");
}

#[tokio::test]
async fn one_backup_that_is_restored_twice_begins_two_different_epochs() {
    let story = Story::tell(AfterRestore::KeepSessions).await;
    let shown = follower(&story).await.set.position().unwrap();
    let mut epochs = Vec::new();
    for copy in ["first", "second"] {
        let app = story.restore_copy(copy).await;
        let mut edge = Follower::new(&story.origin);
        edge.turn_to(&app);
        let head = edge.head_showing(shown).await;
        epochs.push((head.position.epoch, head.keyring));
        story.origin.wait(std::time::Duration::from_secs(1));
    }
    assert!(epochs[1].0 > epochs[0].0 && epochs[1].1 > epochs[0].1, "{epochs:?}");
}
