//! The audit table: rows are added and stay as they are, and are found again.

use std::time::{Duration, Instant};

use sealgate_origin::session::{IdpLink, Method, Session};
use sealgate_origin::store::{
    AuditEntry, AuditEvent, AuditFilter, ChainLock, NewLink, StoredChain, StoredLink, Unlinked,
};
use sealgate_test_database::Engine;

use crate::kit::database::Objection;
use crate::setting::{Setting, actor, session_id};

on_both!(
    rows_are_added_and_stay,
    the_chain_goes_on_and_not_back,
    sessions_are_written_down_by_the_statement_that_stores_them,
    what_was_written_down_is_found_by_what_it_is_about,
    a_chain_is_begun_once,
);

/// Takes the chain for oneself. Whoever was refused a change of it is told so a moment before it is free again.
async fn lock(setting: &Setting) -> ChainLock {
    let begun = Instant::now();
    loop {
        if let Some(lock) = setting.store.lock_audit_chain().await.unwrap() {
            return lock;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "somebody keeps it");
    }
}

/// Links everything, to links that no key has made.
async fn link(setting: &Setting) -> i64 {
    if setting.store.audit_chain().await.unwrap().is_none() {
        setting.store.begin_audit_chain(&chain(1)).await.unwrap();
    }
    let mut lock = lock(setting).await;
    let first = lock.chain().head.position;
    let rows = lock.unlinked(1_000).await.unwrap();
    let links: Vec<_> =
        (first + 1..).zip(&rows).map(|(position, row)| NewLink { id: row.id, position, mac: [1; 32] }).collect();
    let head = first + i64::try_from(links.len()).unwrap();
    assert!(lock.link(&links, &stored(head)).await.unwrap());
    lock.commit().await.unwrap();
    head
}

fn stored(position: i64) -> StoredLink {
    StoredLink { position, mac: vec![1; 32], seal: vec![1; 32] }
}

fn chain(key: u8) -> StoredChain {
    StoredChain { sealed_key: vec![key; 69], head: stored(0), checkpoint: stored(0) }
}

fn is_refused(done: &Result<u64, Objection>) -> bool {
    matches!(done, Err(Objection::Other(_) | Objection::Check | Objection::ForeignKey))
}

async fn rows_are_added_and_stay(engine: Engine) {
    let setting = Setting::on(engine).await;
    setting.store_sessions(0..3).await;
    let sizes = async || setting.database.number("select count(*) from audit").await;
    let before = sizes().await;
    let mac = "(select substr(fingerprint_key, 1, 32) from tenants where id = 'demo')";
    // Before they are linked and afterwards.
    for turn in 0..2 {
        for change in [
            "id = id + 100",
            "at = '2026-06-01T12:00:00.001Z'",
            "tenant = 'other'",
            "event = 'x'",
            "session = 'x'",
            "actor_type = 'x'",
            "actor_id = null",
            "detail = null",
            "detail = 'x'",
        ] {
            let done = setting.database.execute(&format!("update audit set {change} where actor_id is not null")).await;
            assert!(is_refused(&done), "{change}: {done:?}");
        }
        let links = format!("position = id + 100, mac = {mac}");
        let linked = setting.database.execute(&format!("update audit set {links}, detail = 'x'")).await;
        assert!(is_refused(&linked), "linked and changed at once: {linked:?}");
        for sql in ["delete from audit", "update audit set position = null, mac = null"] {
            let done = setting.database.execute(sql).await;
            assert!(is_refused(&done), "{turn} {sql}: {done:?}");
        }
        if turn == 0 {
            link(&setting).await;
            let again = setting.database.execute(&format!("update audit set {links}")).await;
            assert!(is_refused(&again), "linked anew: {again:?}");
        }
    }
    let row = "'2026-06-01T12:00:00.000Z', 'demo', 'x'";
    let linked = format!("insert into audit (at, tenant, event, position, mac) select {row}, 1000, {mac}");
    assert!(is_refused(&setting.database.execute(&linked).await));
    for sql in match engine {
        Engine::Sqlite => [
            format!("insert or replace into audit (id, at, tenant, event) values (1, {row})"),
            format!("replace into audit (id, at, tenant, event) values (1, {row})"),
        ],
        Engine::Postgres => ["truncate audit".to_owned(), "truncate audit_chain".to_owned()],
    } {
        let done = setting.database.execute(&sql).await;
        assert!(is_refused(&done), "{sql}: {done:?}");
    }
    assert_eq!(sizes().await, before);
    let half = format!("insert into audit (at, tenant, event, mac) select {row}, {mac}");
    assert!(setting.database.execute(&half).await.is_err());
    assert_eq!(setting.database.execute(&format!("insert into audit (at, tenant, event) values ({row})")).await, Ok(1));
    // Nor is it linked in the place of another.
    let replace = if matches!(engine, Engine::Sqlite) { "or replace" } else { "" };
    let sql = format!("update {replace} audit set position = 1, mac = {mac} where position is null");
    assert!(setting.database.execute(&sql).await.is_err());
    assert_eq!(sizes().await, before + 1);
}

async fn the_chain_goes_on_and_not_back(engine: Engine) {
    let setting = Setting::on(engine).await;
    let head = link(&setting).await;
    for change in ["position = position - 1", "delete"] {
        let sql = match change {
            "delete" => "delete from audit_chain".to_owned(),
            change => format!("update audit_chain set {change}"),
        };
        assert!(is_refused(&setting.database.execute(&sql).await), "{sql}");
    }
    let past = "update audit_chain set checkpoint_position = position + 1";
    assert_eq!(setting.database.execute(past).await, Err(Objection::Check));
    let mut chain = lock(&setting).await;
    assert_eq!(chain.oldest_linked(2).await.unwrap().len(), 2);
    assert_eq!(chain.cut(&stored(2)).await.unwrap(), 2);
    chain.commit().await.unwrap();
    assert!(is_refused(&setting.database.execute("delete from audit where position = 3").await));
    assert!(is_refused(&setting.database.execute("update audit_chain set checkpoint_position = 1").await));
    let left = setting.store.audit_records((i64::MIN, i64::MIN), 100).await.unwrap();
    let positions: Vec<_> = left.iter().filter_map(|row| row.position).collect();
    assert_eq!(positions, (3..=head).collect::<Vec<_>>());
    assert_eq!(setting.store.last_audit_position().await.unwrap(), head);
    // Dropped without a commit, nothing has changed.
    let mut chain = lock(&setting).await;
    assert_eq!(chain.cut(&stored(3)).await.unwrap(), 1);
    drop(chain);
    assert_eq!(setting.store.audit_chain().await.unwrap().unwrap().checkpoint, stored(2));
    assert_eq!(setting.store.audit_records((2, i64::MAX), 1).await.unwrap()[0].position, Some(3));
}

async fn sessions_are_written_down_by_the_statement_that_stores_them(engine: Engine) {
    let setting = Setting::on(engine).await;
    let storing: Vec<_> = {
        let mut sessions = Vec::new();
        for number in 0..40 {
            sessions.push(setting.session(number).await);
        }
        let store = |session: Session| {
            let store = setting.store.clone();
            tokio::spawn(async move { assert!(store.insert_session(&session).await.unwrap()) })
        };
        sessions.into_iter().map(store).collect()
    };
    for one in storing {
        one.await.unwrap();
    }
    let filter = AuditFilter { event: Some("session.created"), ..AuditFilter::default() };
    let written = setting.store.audit(&filter, 100).await.unwrap();
    let mut sessions: Vec<_> = written.iter().filter_map(|row| row.session).collect();
    sessions.sort();
    assert_eq!(sessions, (0..40).map(session_id).collect::<Vec<_>>());
    assert!(written.iter().all(|row| row.actor == Some(actor("user", "ada")) && row.at == setting.now));
    assert!(written.iter().all(|row| row.detail.is_none()), "how they came about is not known");
    // How they came about, and who vouched for them; in whichever tenant.
    let issuer = "https://login.example";
    let idp = IdpLink { issuer: issuer.to_owned(), subject: "a".to_owned(), sid: None };
    for (number, tenant, method, idp, detail) in [
        (50, &setting.demo, Method::Oidc, Some(idp.clone()), "oidc, https://login.example"),
        (51, &setting.other, Method::Command, None, "command"),
    ] {
        let signing_key = setting.active_key(tenant).await;
        let session = setting.session(number).await;
        let session = Session { tenant: tenant.clone(), signing_key, method: Some(method), idp, ..session };
        assert!(setting.store.insert_session(&session).await.unwrap());
        let filter = AuditFilter { session: Some(session.id), ..AuditFilter::default() };
        let written = setting.store.audit(&filter, 2).await.unwrap();
        assert_eq!((written.len(), written[0].tenant.as_ref()), (1, Some(tenant)));
        assert_eq!(written[0].detail.as_deref(), Some(detail));
    }
    // One that is not stored is not written down.
    let late = Session { signing_key: "sk-AAAAAAAAAAA".parse().unwrap(), ..setting.session(41).await };
    assert!(!setting.store.insert_session(&late).await.unwrap());
    assert_eq!(setting.store.audit(&filter, 100).await.unwrap().len(), 42);
}

async fn what_was_written_down_is_found_by_what_it_is_about(engine: Engine) {
    let setting = Setting::on(engine).await;
    link(&setting).await;
    let (ada, eve) = (actor("user", "ada"), actor("service", "ada"));
    let note = async |entry: AuditEntry<'_>, after| setting.store.note(&entry, setting.now.plus(after)).await.unwrap();
    let of = |event| AuditEntry::new(&setting.demo, event);
    note(AuditEntry { actor: Some(&ada), session: Some(session_id(1)), ..of(AuditEvent::SignInFailed) }, 1).await;
    note(AuditEntry { actor: Some(&eve), detail: Some("x"), ..of(AuditEvent::SignInFailed) }, 2).await;
    link(&setting).await;
    note(AuditEntry { actor: Some(&ada), tenant: &setting.other, ..of(AuditEvent::ActorChanged) }, 3).await;
    note(AuditEntry { actor: Some(&ada), ..of(AuditEvent::ActorChanged) }, 4).await;
    let find = async |filter: AuditFilter<'_>| {
        let since = filter.since.or(Some(setting.now.plus(1)));
        let rows = setting.store.audit(&AuditFilter { since, ..filter }, 10).await.unwrap();
        rows.iter().map(|row| row.at.since(setting.now)).collect::<Vec<_>>()
    };
    let all = AuditFilter::default;
    let (ada_id, user, service) = (Some(&ada.id), Some(&ada.kind), Some(&eve.kind));
    let (demo, other, now) = (Some(&setting.demo), Some(&setting.other), setting.now);
    assert_eq!(find(all()).await, [4, 3, 2, 1]);
    assert_eq!(find(AuditFilter { tenant: demo, ..all() }).await, [4, 2, 1]);
    assert_eq!(find(AuditFilter { tenant: other, ..all() }).await, [3]);
    assert_eq!(find(AuditFilter { event: Some("sign_in.failed"), ..all() }).await, [2, 1]);
    assert_eq!(find(AuditFilter { event: Some("actor.changed"), tenant: other, ..all() }).await, [3]);
    assert_eq!(find(AuditFilter { actor_id: ada_id, actor_type: user, ..all() }).await, [4, 3, 1]);
    assert_eq!(find(AuditFilter { actor_id: ada_id, actor_type: user, tenant: demo, ..all() }).await, [4, 1]);
    assert_eq!(find(AuditFilter { actor_id: ada_id, actor_type: service, ..all() }).await, [2]);
    assert_eq!(
        find(AuditFilter { actor_id: ada_id, actor_type: user, event: Some("sign_in.failed"), ..all() }).await,
        [1]
    );
    assert_eq!(find(AuditFilter { session: Some(session_id(1)), ..all() }).await, [1]);
    assert_eq!(find(AuditFilter { session: Some(session_id(2)), ..all() }).await, [0; 0]);
    assert_eq!(find(AuditFilter { since: Some(now.plus(3)), ..all() }).await, [4, 3]);
    assert_eq!(find(AuditFilter { until: Some(now.plus(3)), ..all() }).await, [3, 2, 1]);
    assert_eq!(find(AuditFilter { unlinked: true, ..all() }).await, [4, 3]);
    assert_eq!(find(AuditFilter { actor_id: ada_id, ..all() }).await, [4, 3, 2, 1], "of whatever kind");
    assert_eq!(find(AuditFilter { unlinked: true, actor_id: ada_id, actor_type: service, ..all() }).await, [0; 0]);
    let newest = setting.store.audit(&AuditFilter { actor_id: ada_id, actor_type: user, ..all() }, 1).await.unwrap();
    assert_eq!((newest.len(), newest[0].at, newest[0].position), (1, now.plus(4), None));
    let third = Some(newest[0].id - 1);
    assert_eq!(find(AuditFilter { before: third, ..all() }).await, [2, 1]);
    assert_eq!(find(AuditFilter { before: third, actor_id: ada_id, actor_type: user, ..all() }).await, [1]);
    assert_eq!(find(AuditFilter { before: third, tenant: demo, ..all() }).await, [2, 1]);
    let waiting = setting.store.unlinked_audit().await.unwrap();
    assert_eq!(waiting, Unlinked { count: 2, oldest: Some(newest[0].id - 1) });
    let record = setting.store.audit_record(newest[0].id).await.unwrap().unwrap();
    assert_eq!((record.at.as_slice(), record.detail), (&b"2026-06-01T12:00:00.004Z"[..], None));
}

async fn a_chain_is_begun_once(engine: Engine) {
    let setting = Setting::on(engine).await;
    assert!(setting.store.audit_chain().await.unwrap().is_none());
    assert!(setting.store.lock_audit_chain().await.unwrap().is_none());
    for key in [1, 2] {
        setting.store.begin_audit_chain(&chain(key)).await.unwrap();
        assert_eq!(setting.store.audit_chain().await.unwrap().unwrap().sealed_key, [1; 69]);
    }
}
