//! `GET /internal/feed/{edge}/{seal}/snapshot/{epoch}/{sequence}`.

use std::time::Duration;

use sealgate_shared::revocation::{Position, RevocationSet, Taken};

use crate::follower::Follower;
use crate::kit::{Minted, Origin};

fn at(sequence: u64) -> Position {
    Position { epoch: 1, sequence }
}

/// Revokes so many sessions of `demo`.
async fn revoke_some(origin: &Origin, count: usize) -> Vec<Minted> {
    let mut revoked = Vec::new();
    for _ in 0..count {
        let minted = origin.mint().await;
        origin.v1("DELETE", &format!("/v1/sessions/{}", minted.id)).send().await;
        revoked.push(minted);
    }
    revoked
}

async fn count(edge: &Follower, position: Position) -> usize {
    let mut set = RevocationSet::new();
    edge.load(position, &mut set).await;
    set.len()
}

#[tokio::test]
async fn it_may_be_cached_and_holds_what_there_was_at_its_position_for_ever() {
    let origin = Origin::start().await;
    let edge = Follower::new(&origin);
    revoke_some(&origin, 3).await;
    let answer = edge.fetch_snapshot(at(2)).await;
    assert_eq!(answer.headers["cache-control"], "public, max-age=300, immutable");
    assert_eq!(answer.headers["content-type"], "application/octet-stream");
    for round in 0..2 {
        for sequence in [2, 0, 3, 1] {
            let expected = usize::try_from(sequence).unwrap();
            assert_eq!(count(&edge, at(sequence)).await, expected, "round {round}");
        }
        revoke_some(&origin, 2).await;
    }
    assert_eq!(count(&edge, at(7)).await, 7);
    let other = origin.start_another().await;
    let mut elsewhere = Follower::new(&origin);
    elsewhere.turn_to(&other);
    assert_eq!(count(&elsewhere, at(2)).await, 2);
    revoke_some(&origin, 1).await;
    assert_eq!(count(&elsewhere, at(8)).await, 8, "which the other origin has not heard of yet");
}

#[tokio::test]
async fn there_is_none_of_another_epoch_or_of_what_is_to_come() {
    let origin = Origin::start().await;
    let edge = Follower::new(&origin);
    revoke_some(&origin, 1).await;
    for position in ["2/0", "0/1", "1/2", "1/18446744073709551615", "1/-1", "1/x", "x/1", "1/18446744073709551616"] {
        edge.ask(&edge.path(&format!("snapshot/{position}"))).refused(404, "no_such_snapshot").await;
    }
}

#[tokio::test]
async fn what_no_token_can_be_concerned_by_is_left_out_after_a_minute() {
    let origin = Origin::start().await;
    let edge = Follower::new(&origin);
    revoke_some(&origin, 2).await;
    origin.wait(Duration::from_secs(30));
    revoke_some(&origin, 1).await;
    // Tokens live 15 minutes.
    origin.wait(Duration::from_secs(15 * 60 + 29));
    assert_eq!(count(&edge, at(3)).await, 3, "an edge whose clock is behind would take them");
    origin.wait(Duration::from_secs(1));
    revoke_some(&origin, 1).await;
    assert_eq!(count(&edge, at(4)).await, 2);
    let mut elsewhere = Follower::new(&origin);
    elsewhere.turn_to(&origin.start_another().await);
    assert_eq!(count(&elsewhere, at(4)).await, 2, "read from the beginning");
    let left = origin.database().await.number("select count(*) from revocations").await;
    assert_eq!(left, 4);
}

#[tokio::test]
async fn of_five_thousand_the_head_has_the_newest_and_the_snapshot_the_rest() {
    let origin = Origin::start().await;
    let mut known = Follower::new(&origin);
    known.follow().await;
    let database = origin.database().await;
    let number = "substr(cast(100000 + n as text), 2)";
    let sql = format!(
        "insert into revocations (sequence, kind, tenant, session, created_at, expires_at) \
         with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 5000) \
         select n, 'session', 'demo', 'ses-AAAAAAAAAAAAAAAA' || {number} || 'A', \
         '2026-06-01T12:00:00.000Z', '2026-06-01T12:15:00.000Z' from numbers"
    );
    assert_eq!(database.execute(&sql).await, Ok(5_000));
    database.execute("update counters set value = 5000 where name = 'revocations'").await.unwrap();

    for app in [origin.app.clone(), origin.start_another().await] {
        let mut edge = Follower::new(&origin);
        edge.turn_to(&app);
        let head = edge.head().await;
        assert_eq!((head.position, head.after, head.entries.len()), (at(5_000), 904, 4_096));
        assert!(head.snapshot >= head.after);
        assert!(matches!(edge.follow().await, Taken::Gap(_)));
        assert_eq!((edge.set.len(), edge.set.position()), (5_000, Some(at(5_000))));
        assert_eq!(edge.follow().await, Taken::Complete);
    }
    assert!(matches!(known.follow().await, Taken::Gap(_)), "it was too far behind");
    assert_eq!(known.set.len(), 5_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn while_much_is_revoked_every_head_and_its_snapshot_are_all_there_is() {
    let origin = std::sync::Arc::new(Origin::start().await);
    let other = origin.start_another().await;
    let revoking = {
        let origin = std::sync::Arc::clone(&origin);
        tokio::spawn(async move {
            for _ in 0..60 {
                revoke_some(&origin, 1).await;
                // So that heads begin further on all the time, and nothing that was revoked is over.
                origin.wait(Duration::from_secs(3));
            }
        })
    };
    let mut rounds = 0;
    while !revoking.is_finished() {
        let mut edge = Follower::new(&origin);
        if rounds % 2 == 0 {
            edge.turn_to(&other);
        }
        edge.follow().await;
        let position = edge.set.position().unwrap();
        assert_eq!(edge.set.len(), usize::try_from(position.sequence).unwrap(), "without a gap");
        rounds += 1;
    }
    revoking.await.unwrap();
    assert!(rounds > 3, "{rounds}");
}

#[tokio::test]
async fn without_the_database_a_snapshot_is_503_unless_it_is_there() {
    let origin = Origin::start().await;
    let edge = Follower::new(&origin);
    revoke_some(&origin, 1).await;
    origin.app.office().store().close().await;
    edge.ask(&edge.path("snapshot/1/1")).refused(503, "database_unavailable").await;
}
