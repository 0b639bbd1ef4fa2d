//! Listing an actor's sessions.

use sealgate_origin::session::{Actor, Cursor, RevokedReason, Session};
use sealgate_origin::store::ListPage;
use sealgate_shared::id::SessionId;
use sealgate_test_database::Engine;

use crate::setting::{Setting, actor};

on_both!(
    newest_first_and_by_id_within_a_millisecond,
    pages_join_without_gap_or_repetition,
    the_live_list_ends_with_what_ended,
    nobody_elses_sessions_are_listed,
);

/// Reads the list to its end in pages of that size.
async fn read(setting: &Setting, actor: &Actor, limit: u32, all: bool) -> Vec<SessionId> {
    let (mut ids, mut after) = (Vec::new(), None);
    loop {
        let page = ListPage { tenant: &setting.demo, actor, after, limit };
        let sessions: Vec<Session> = if all {
            setting.store.all_sessions(&page).await.unwrap()
        } else {
            setting.store.live_sessions(&page, setting.now).await.unwrap()
        };
        assert!(sessions.len() <= usize::try_from(limit).unwrap());
        let Some(last) = sessions.last() else { return ids };
        after = Some(Cursor::after(last));
        ids.extend(sessions.iter().map(|session| session.id));
    }
}

/// Sessions of `ada`, every third of a millisecond of its own, every fourth revoked, every seventh expired; as the
/// whole list should show them.
async fn fill(setting: &Setting) -> Vec<Session> {
    let mut stored = Vec::new();
    for number in 0..40_u32 {
        let mut session = setting.session(number).await;
        let at = setting.now.minus(u64::from(number % 3 + 1) * 7_200_000);
        (session.created_at, session.issued_at) = (at, at);
        if number % 7 == 0 {
            (session.access_expires_at, session.idle_expires_at) = (setting.now, setting.now);
        }
        assert!(setting.store.insert_session(&session).await.unwrap());
        if number % 4 == 0 {
            let (tenant, reason) = (&setting.demo, RevokedReason::Admin);
            setting.store.revoke_session(tenant, session.id, reason, setting.now).await.unwrap();
            session = setting.store.session(tenant, session.id).await.unwrap().unwrap();
            assert!(session.revoked.is_some());
        }
        stored.push(session);
    }
    stored.sort_by_key(|session| std::cmp::Reverse((session.created_at, session.id.to_string())));
    stored
}

fn ids<'a>(sessions: impl IntoIterator<Item = &'a Session>) -> Vec<SessionId> {
    sessions.into_iter().map(|session| session.id).collect()
}

async fn newest_first_and_by_id_within_a_millisecond(engine: Engine) {
    let setting = Setting::on(engine).await;
    let stored = fill(&setting).await;
    assert_eq!(read(&setting, &stored[0].actor, 1_000, true).await, ids(&stored));
}

async fn pages_join_without_gap_or_repetition(engine: Engine) {
    let setting = Setting::on(engine).await;
    let stored = fill(&setting).await;
    let live = ids(stored.iter().filter(|session| session.revoked.is_none() && session.idle_expires_at > setting.now));
    for limit in [1, 2, 3, 7, 39, 40, 41] {
        assert_eq!(read(&setting, &stored[0].actor, limit, true).await, ids(&stored), "{limit}");
        assert_eq!(read(&setting, &stored[0].actor, limit, false).await, live, "{limit}");
    }
}

async fn the_live_list_ends_with_what_ended(engine: Engine) {
    let setting = Setting::on(engine).await;
    let stored = setting.store_sessions(0..2).await;
    let page = ListPage { tenant: &setting.demo, actor: &stored[0].actor, after: None, limit: 10 };
    let end = stored[0].idle_expires_at;
    assert_eq!(setting.store.live_sessions(&page, end.minus(1)).await.unwrap().len(), 2);
    assert_eq!(setting.store.live_sessions(&page, end).await.unwrap().len(), 0);
    assert_eq!(setting.store.all_sessions(&page).await.unwrap().len(), 2);
}

async fn nobody_elses_sessions_are_listed(engine: Engine) {
    let setting = Setting::on(engine).await;
    setting.store_sessions(0..3).await;
    for stranger in [actor("user", "ad"), actor("user", "adaa"), actor("use", "ada"), actor("service", "ada")] {
        assert!(read(&setting, &stranger, 10, true).await.is_empty(), "{stranger:?}");
    }
    let ada = actor("user", "ada");
    let page = ListPage { tenant: &setting.other, actor: &ada, after: None, limit: 10 };
    assert!(setting.store.all_sessions(&page).await.unwrap().is_empty());
    setting.database.execute("update sessions set pre_login = true").await.unwrap();
    assert!(read(&setting, &ada, 10, true).await.is_empty());
    assert!(read(&setting, &ada, 10, false).await.is_empty());
}
