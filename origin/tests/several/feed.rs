//! What one origin has acknowledged is in the next head of every other, always: there is no moment to be lucky in.

use std::sync::Arc;

use sealgate_shared::id::SessionId;
use sealgate_shared::revocation::Revoked;
use sealgate_test_database::Postgres;

use crate::processes::Origin;

/// How many sessions each of those who revoke at once ends.
const SESSIONS: usize = 25;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_acknowledged_here_is_in_the_next_head_there() {
    for notify in ["true", "false"] {
        let database = Postgres::shared().create_database().await;
        let folder = tempfile::tempdir().unwrap();
        let here = Arc::new(Origin::start(folder.path(), database.url(), &[]));
        let there = Arc::new(Origin::start(folder.path(), database.url(), &[("SEALGATE_DATABASE_NOTIFY", notify)]));
        let revoking: Vec<_> = (0..4)
            .map(|_| {
                let (here, there) = (Arc::clone(&here), Arc::clone(&there));
                tokio::spawn(async move {
                    for _ in 0..SESSIONS {
                        let session = here.mint().await;
                        here.revoke(&session).await;
                        let head = there.head().await;
                        let session: SessionId = session.parse().unwrap();
                        let told = head.entries.iter().any(|entry| entry.revoked == Revoked::Session(session));
                        assert!(told, "{notify}: {:?}", head.position);
                    }
                })
            })
            .collect();
        for one in revoking {
            one.await.unwrap();
        }
        assert_eq!(there.head().await.position, here.head().await.position);
    }
}
