//! Keeping an actor within the number of sessions that is allowed.

use sealgate_origin::session::{Revoked, RevokedReason, Session};
use sealgate_origin::store::LimitSessions;
use sealgate_shared::revocation::Revoked as Hit;
use sealgate_test_database::Engine;

use crate::setting::{Setting, actor, session_id};

on_both!(the_ones_used_the_longest_ago_end, several_at_once_end_no_more_than_one_alone);

async fn the_ones_used_the_longest_ago_end(engine: Engine) {
    let setting = Setting::on(engine).await;
    let (store, demo, ada, now) = (&setting.store, &setting.demo, actor("user", "ada"), setting.now);
    for (number, seen) in [(0, 30), (1, 10), (2, 20), (3, 40), (4, 0)] {
        let session = Session { last_seen_at: now.plus(seen), ..setting.session(number).await };
        assert!(store.insert_session(&session).await.unwrap());
    }
    for (number, session) in [
        (5, Session { actor: actor("user", "bob"), ..setting.session(5).await }),
        (6, Session { actor: actor("service", "ada"), ..setting.session(6).await }),
    ] {
        assert!(store.insert_session(&session).await.unwrap(), "{number}");
    }
    // The newest is the one that was seen the longest ago, by its clock.
    let limit = async |limit| {
        let request = LimitSessions { tenant: demo, actor: &ada, newest: session_id(4), limit };
        let mut ended = store.limit_sessions(&request, now).await.unwrap();
        ended.sort();
        ended
    };
    assert_eq!(limit(5).await, []);
    assert_eq!(store.revocations_after(0).await.unwrap(), []);
    assert_eq!(limit(4).await, [session_id(1)]);
    assert_eq!(limit(4).await, []);
    assert_eq!(limit(2).await, [session_id(0), session_id(2)]);
    assert_eq!(limit(1).await, [session_id(3)]);
    let ended = store.session(demo, session_id(1)).await.unwrap().unwrap().revoked;
    assert_eq!(ended, Some(Revoked { at: now, reason: RevokedReason::SessionLimit }));
    let entries: Vec<Hit> =
        store.revocations_after(0).await.unwrap().into_iter().map(|recorded| recorded.entry.revoked).collect();
    assert_eq!(entries.len(), 4);
    assert!([0, 1, 2, 3].iter().all(|&number| entries.contains(&Hit::Session(session_id(number)))));
    for number in [4, 5, 6] {
        assert_eq!(store.session(demo, session_id(number)).await.unwrap().unwrap().revoked, None, "{number}");
    }
}

async fn several_at_once_end_no_more_than_one_alone(engine: Engine) {
    let setting = Setting::on(engine).await;
    setting.store_sessions(0..8).await;
    let newest = Session { last_seen_at: setting.now.plus(1), ..setting.session(9).await };
    assert!(setting.store.insert_session(&newest).await.unwrap());
    let limiting: Vec<_> = (0..8)
        .map(|_| {
            let (store, tenant, now) = (setting.store.clone(), setting.demo.clone(), setting.now);
            tokio::spawn(async move {
                let ada = actor("user", "ada");
                let request = LimitSessions { tenant: &tenant, actor: &ada, newest: session_id(9), limit: 4 };
                store.limit_sessions(&request, now).await.unwrap().len()
            })
        })
        .collect();
    let mut ended = 0;
    for one in limiting {
        ended += one.await.unwrap();
    }
    assert_eq!(ended, 5);
    let live = "select count(*) from sessions where revoked_at is null";
    assert_eq!(setting.database.number(live).await, 4);
    assert_eq!(setting.store.revocations_after(0).await.unwrap().len(), 5, "each once");
}
