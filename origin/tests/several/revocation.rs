//! A revocation at one origin is felt at the other, although that one answers from memory.

use std::time::{Duration, Instant};

use sealgate_test_database::Postgres;

use crate::processes::Origin;

/// How many sessions are revoked, one after the other.
const SESSIONS: usize = 21;
/// By when a revocation must have been felt, come what may.
const DEADLINE: Duration = Duration::from_secs(10);

/// Revokes sessions at one origin, and answers how long each went on being live at another.
async fn felt_after(notify: &str) -> Vec<Duration> {
    let database = Postgres::shared().create_database().await;
    let folder = tempfile::tempdir().unwrap();
    let here = Origin::start(folder.path(), database.url(), &[]);
    let there = Origin::start(folder.path(), database.url(), &[("SEALGATE_DATABASE_NOTIFY", notify)]);
    let mut answered_from_memory = false;
    let mut delays = Vec::new();
    for _ in 0..SESSIONS {
        let session = here.mint().await;
        for _ in 0..5 {
            let (live, age) = there.check(&session).await;
            assert!(live);
            answered_from_memory |= age > 0;
        }
        here.revoke(&session).await;
        let revoked = Instant::now();
        assert!(!here.check(&session).await.0, "the origin that revoked knows at once");
        while there.check(&session).await.0 {
            assert!(revoked.elapsed() < DEADLINE, "the revocation is not felt");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        delays.push(revoked.elapsed());
        assert!(!there.check(&session).await.0, "a revocation once felt stays");
    }
    assert!(answered_from_memory, "had it read the row each time, this would show nothing");
    delays.sort();
    delays
}

#[tokio::test]
async fn a_revocation_is_told_to_the_other_origins_at_once() {
    let delays = felt_after("true").await;
    // The median: one answer on a busy machine may be late, most of them are not. Asking every 250 ms alone would make
    // it 125 ms.
    assert!(delays[SESSIONS / 2] < Duration::from_millis(100), "{delays:?}");
}

#[tokio::test]
async fn a_revocation_is_found_by_the_other_origins_without_being_told() {
    felt_after("false").await;
}
