//! Moving sessions on: a change comes true while everything it was decided from still holds, and else not at all.

use sealgate_origin::session::{RevokedReason, Session};
use sealgate_origin::store::{AuditFilter, AuditRow, RefreshFacts, RevokeOutcome, SessionChange};
use sealgate_shared::id::{Roles, TenantId};
use sealgate_shared::time::UnixMillis;
use sealgate_test_database::Engine;

use crate::kit::database::Backdoor;
use crate::setting::Setting;

on_both!(
    a_step_changes_what_it_should_and_nothing_else,
    of_many_who_step_at_once_one_does,
    a_row_that_says_something_else_is_left_alone,
    no_step_is_made_with_a_key_that_does_not_sign,
    no_step_is_made_for_a_tenant_that_is_disabled,
    no_step_is_made_into_a_mark,
    no_step_is_made_past_news_of_the_actor,
    a_late_answer_is_noted_once_and_written_down,
    a_session_that_was_copied_ends_once,
    a_revocation_and_a_step_come_one_after_the_other,
    a_step_waits_for_a_rotation_under_way,
);

/// What was written down about refreshing, newest first.
async fn written(setting: &Setting, tenant: Option<&TenantId>) -> Vec<AuditRow> {
    let filter = AuditFilter { tenant, ..AuditFilter::default() };
    let mut rows = setting.store.audit(&filter, 1_000).await.unwrap();
    rows.retain(|row| ["session.late", "session.reuse"].contains(&row.event.as_str()));
    rows
}

async fn facts(setting: &Setting, session: &Session) -> RefreshFacts {
    setting.store.refresh_facts(&setting.demo, session.id).await.unwrap().unwrap()
}

/// The session a minute later, and one generation on.
fn next(facts: &RefreshFacts) -> Session {
    let session = &facts.session;
    Session {
        generation: session.generation + 1,
        previous_generation: Some(session.generation),
        issued_at: session.issued_at.plus(60_000),
        access_expires_at: session.access_expires_at.plus(60_001),
        previous_signing_key: Some(session.signing_key),
        presented: false,
        idle_expires_at: session.idle_expires_at.plus(60_002),
        last_seen_at: session.issued_at.plus(60_003),
        assurance: 7,
        roles: Roles::new(vec!["admin".parse().unwrap()]).unwrap(),
        fingerprint: Some([9; 32]),
        device_name: Some("curl".to_owned()),
        ip: Some("192.0.2.7".parse().unwrap()),
        user_agent: Some("curl/8.5.0".to_owned()),
        ..session.clone()
    }
}

async fn step(setting: &Setting, facts: &RefreshFacts, after: &Session) -> bool {
    let change = SessionChange { before: facts, after, now: after.last_seen_at };
    setting.store.step_session(&change).await.unwrap()
}

async fn a_step_changes_what_it_should_and_nothing_else(engine: Engine) {
    let setting = Setting::on(engine).await;
    let stored = setting.store_sessions(0..3).await;
    setting.rotate(9).await;
    let before = facts(&setting, &stored[1]).await;
    assert_eq!((&before.session, before.marked, before.actor.updated_at), (&stored[1], None, None));
    let key = setting.active_key(&setting.demo).await;
    let late = Session { answered_late_at: Some(setting.now.plus(5)), signing_key: key, ..next(&before) };
    assert!(step(&setting, &before, &late).await);
    assert_eq!(facts(&setting, &stored[1]).await.session, late);
    for untouched in [&stored[0], &stored[2]] {
        assert_eq!(facts(&setting, untouched).await.session, *untouched);
    }
    assert!(setting.store.refresh_facts(&setting.other, stored[1].id).await.unwrap().is_none());
    setting.database.execute("update sessions set pre_login = true").await.unwrap();
    assert!(setting.store.refresh_facts(&setting.demo, stored[1].id).await.unwrap().is_none());
}

async fn of_many_who_step_at_once_one_does(engine: Engine) {
    let setting = Setting::on(engine).await;
    let another = setting.origin.start_another().await;
    let stored = setting.store_sessions(0..1).await;
    for generation in 1..=10 {
        let (mut seen, mut stepping) = (Vec::new(), Vec::new());
        for _ in 0..16 {
            seen.push(facts(&setting, &stored[0]).await);
        }
        for (number, before) in (0_u8..).zip(seen) {
            let store = if number % 2 == 0 { setting.store.clone() } else { another.office().store().clone() };
            let after = Session { assurance: number, ..next(&before) };
            stepping.push(tokio::spawn(async move {
                let change = SessionChange { before: &before, after: &after, now: after.last_seen_at };
                store.step_session(&change).await.unwrap().then_some(number)
            }));
        }
        let mut winners = Vec::new();
        for one in stepping {
            winners.extend(one.await.unwrap());
        }
        let row = facts(&setting, &stored[0]).await.session;
        assert_eq!((winners.as_slice(), row.generation), ([row.assurance].as_slice(), generation));
    }
}

async fn a_row_that_says_something_else_is_left_alone(engine: Engine) {
    let setting = Setting::on(engine).await;
    for (number, change) in (0..).zip([
        "generation = 1",
        "issued_at = '2026-06-01T12:00:00.001Z'",
        "presented = true",
        "answered_late_at = '2026-06-01T12:00:00.001Z'",
        "revoked_at = created_at, revoked_reason = 'admin'",
        "access_expires_at = '2026-06-01T12:00:00.001Z', idle_expires_at = '2026-06-01T12:01:00.003Z'",
    ]) {
        let session = &setting.store_sessions(number..number + 1).await[0];
        let before = facts(&setting, session).await;
        setting.database.execute(&format!("update sessions set {change} where id = '{}'", session.id)).await.unwrap();
        let changed = facts(&setting, session).await.session;
        let after = next(&before);
        let (now, again) = (after.last_seen_at, Session { generation: 0, ..after.clone() });
        assert!(!step(&setting, &before, &after).await, "{change}");
        for after in [&after, &again] {
            let change = SessionChange { before: &before, after, now };
            assert!(!setting.store.answer_late(&change, "").await.unwrap());
        }
        assert!(!setting.store.note_presented(&before, now).await.unwrap(), "{change}");
        assert!(!setting.store.end_reused(&before, "", now).await.unwrap(), "{change}");
        assert_eq!(facts(&setting, session).await.session, changed, "{change}");
    }
    assert_eq!(written(&setting, None).await, []);
    assert_eq!(setting.store.revocations_after(0).await.unwrap().len(), 0);
}

async fn no_step_is_made_with_a_key_that_does_not_sign(engine: Engine) {
    let setting = Setting::on(engine).await;
    let stored = setting.store_sessions(0..1).await;
    let before = facts(&setting, &stored[0]).await;
    let retired = setting.rotate(9).await.retired;
    let pending = "select id from signing_keys where tenant = 'demo' and state = 'pending'";
    let pending = setting.database.rows::<(String,)>(pending).await[0].0.parse().unwrap();
    for key in [retired, pending, setting.active_key(&setting.other).await] {
        let after = Session { signing_key: key, ..next(&before) };
        assert!(!step(&setting, &before, &after).await);
    }
    let after = Session { signing_key: setting.active_key(&setting.demo).await, ..next(&before) };
    assert!(step(&setting, &before, &after).await);
}

async fn no_step_is_made_for_a_tenant_that_is_disabled(engine: Engine) {
    let setting = Setting::on(engine).await;
    let stored = setting.store_sessions(0..1).await;
    let before = facts(&setting, &stored[0]).await;
    // By hand: else its sessions would have ended, too.
    setting.database.execute("update tenants set disabled_at = created_at where id = 'demo'").await.unwrap();
    assert!(!step(&setting, &before, &next(&before)).await);
    setting.database.execute("update tenants set disabled_at = null").await.unwrap();
    assert!(step(&setting, &before, &next(&before)).await);
}

/// Adds a mark by hand.
async fn add_mark(database: &Backdoor, sequence: u32, tenant: &str, actor: Option<&str>, issued_before: &str) {
    let (kind, kind_of_actor) = if actor.is_some() { ("actor", "'user'") } else { ("tenant", "null") };
    let actor = actor.map_or("null".to_owned(), |actor| format!("'{actor}'"));
    let sql = format!(
        "insert into revocations (sequence, kind, tenant, actor_type, actor_id, issued_before, created_at, expires_at) \
         values ({sequence}, '{kind}', '{tenant}', {kind_of_actor}, {actor}, '{issued_before}', '{issued_before}', \
         '{issued_before}')"
    );
    database.execute(&sql).await.unwrap();
}

async fn no_step_is_made_into_a_mark(engine: Engine) {
    let setting = Setting::on(engine).await;
    let (late, just) = ("2026-06-01T12:01:00.001Z", "2026-06-01T12:01:00.000Z");
    let stored = setting.store_sessions(1..3).await;
    for (number, (session, actor)) in (1..).zip(stored.iter().zip([Some("ada"), None])) {
        let before = facts(&setting, session).await;
        // What others are hit by, and what hits nothing that is issued at its own moment.
        add_mark(&setting.database, 10 * number, "other", actor, late).await;
        add_mark(&setting.database, 10 * number + 1, "demo", Some("bob"), late).await;
        add_mark(&setting.database, 10 * number + 2, "demo", actor, just).await;
        assert!(step(&setting, &before, &next(&before)).await);
        let before = facts(&setting, session).await;
        assert_eq!(before.marked, Some(setting.now.plus(60_000)));
        add_mark(&setting.database, 10 * number + 3, "demo", actor, "2026-06-01T12:02:00.001Z").await;
        assert!(!step(&setting, &before, &next(&before)).await);
        let sql = format!("delete from revocations where sequence = {}", 10 * number + 3);
        setting.database.execute(&sql).await.unwrap();
    }
}

async fn no_step_is_made_past_news_of_the_actor(engine: Engine) {
    let setting = Setting::on(engine).await;
    let stored = setting.store_sessions(0..1).await;
    let news = async |at: &str| {
        let sql = format!(
            "insert into actors (tenant, actor_type, actor_id, roles, assurance, updated_at) \
             values ('demo', 'user', 'ada', 'auditor', 3, '{at}') \
             on conflict (tenant, actor_type, actor_id) do update set updated_at = excluded.updated_at"
        );
        setting.database.execute(&sql).await.unwrap();
    };
    let mut before = facts(&setting, &stored[0]).await;
    for at in ["2026-06-01T12:00:00.001Z", "2026-06-01T12:00:00.002Z"] {
        news(at).await;
        assert!(!step(&setting, &before, &next(&before)).await);
        before = facts(&setting, &stored[0]).await;
        let roles = before.actor.roles.as_ref().map(ToString::to_string);
        assert_eq!((roles.as_deref(), before.actor.assurance), (Some("auditor"), Some(3)));
    }
    assert!(step(&setting, &before, &next(&before)).await);
}

async fn a_late_answer_is_noted_once_and_written_down(engine: Engine) {
    let setting = Setting::on(engine).await;
    let stored = setting.store_sessions(0..1).await;
    let before = facts(&setting, &stored[0]).await;
    assert!(step(&setting, &before, &next(&before)).await);
    for turn in 0..2 {
        let before = facts(&setting, &stored[0]).await;
        let now = setting.now.plus(120_000 + turn);
        // Once without a step, once with one.
        let stay = Session {
            answered_late_at: Some(now),
            last_seen_at: now,
            previous_generation: Some(0),
            device_name: None,
            ..before.session.clone()
        };
        let after = if turn == 0 { stay } else { Session { answered_late_at: Some(now), ..next(&before) } };
        let change = SessionChange { before: &before, after: &after, now };
        assert!(setting.store.answer_late(&change, "because").await.unwrap());
        let row = facts(&setting, &stored[0]).await.session;
        assert_eq!(row, Session { last_seen_at: now, ..after.clone() });
        assert!(!setting.store.answer_late(&change, "because").await.unwrap());
    }
    let written = written(&setting, Some(&setting.demo)).await;
    let read: Vec<_> = written.iter().map(|row| (row.event.as_str(), row.session, row.at)).collect();
    let id = Some(stored[0].id);
    let at = |after| setting.now.plus(after);
    assert_eq!(read, [("session.late", id, at(120_001)), ("session.late", id, at(120_000))], "newest first");
    assert_eq!((written[0].actor.as_ref(), written[0].detail.as_deref()), (Some(&stored[0].actor), Some("because")));
    assert_eq!(self::written(&setting, Some(&setting.other)).await, []);
    assert_eq!(self::written(&setting, None).await, written);
}

async fn a_session_that_was_copied_ends_once(engine: Engine) {
    let setting = Setting::on(engine).await;
    let stored = setting.store_sessions(0..1).await;
    let before = facts(&setting, &stored[0]).await;
    let now = setting.now.plus(1_000);
    assert!(setting.store.end_reused(&before, "seen", now).await.unwrap());
    assert!(!setting.store.end_reused(&before, "seen", now).await.unwrap());
    let revoked = facts(&setting, &stored[0]).await.session.revoked.unwrap();
    assert_eq!((revoked.at, revoked.reason), (now, RevokedReason::Reuse));
    assert_eq!(setting.store.revocations_after(0).await.unwrap().len(), 1);
    let written = written(&setting, None).await;
    assert_eq!(written.iter().map(|row| row.event.as_str()).collect::<Vec<_>>(), ["session.reuse"]);
}

async fn a_revocation_and_a_step_come_one_after_the_other(engine: Engine) {
    let setting = Setting::on(engine).await;
    let stored = setting.store_sessions(0..24).await;
    let mut both = Vec::new();
    for session in &stored {
        let before = facts(&setting, session).await;
        let (store, demo, now) = (setting.store.clone(), setting.demo.clone(), setting.now.plus(60_003));
        let after = next(&before);
        let stepping = tokio::spawn({
            let store = store.clone();
            async move {
                let change = SessionChange { before: &before, after: &after, now };
                store.step_session(&change).await.unwrap()
            }
        });
        let id = session.id;
        let revoking = tokio::spawn(async move { store.revoke_session(&demo, id, RevokedReason::Admin, now).await });
        both.push((session, stepping, revoking));
    }
    let ends = |issued_at: UnixMillis| issued_at.plus(900_000);
    for (session, stepping, revoking) in both {
        let stepped = stepping.await.unwrap();
        let outcome = revoking.await.unwrap().unwrap();
        assert!(matches!(outcome, RevokeOutcome::Revoked(_)), "{outcome:?}");
        let row = facts(&setting, session).await.session;
        assert!(row.revoked.is_some());
        assert_eq!(row.generation, u32::from(stepped), "after it there is no step");
        let entries = setting.store.revocations_after(0).await.unwrap();
        let entry = entries.iter().find(|entry| format!("{entry:?}").contains(&session.id.to_string())).unwrap();
        // It stays for as long as the newest token could live.
        assert_eq!(entry.entry.expires_at, ends(row.issued_at));
    }
}

async fn a_step_waits_for_a_rotation_under_way(engine: Engine) {
    let setting = Setting::on(engine).await;
    let Backdoor::Postgres(pool) = &setting.database else { return };
    let stored = setting.store_sessions(0..1).await;
    let before = facts(&setting, &stored[0]).await;
    let mut rotating = pool.begin().await.unwrap();
    let retire = "update signing_keys set state = 'retired', retired_at = created_at \
        where tenant = 'demo' and state = 'active'";
    sqlx::query(retire).execute(&mut *rotating).await.unwrap();
    let (store, after) = (setting.store.clone(), next(&before));
    let stepping = tokio::spawn(async move {
        let change = SessionChange { before: &before, after: &after, now: after.last_seen_at };
        store.step_session(&change).await.unwrap()
    });
    let waits = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' \
        and datname = current_database()";
    while setting.database.number(waits).await == 0 && !stepping.is_finished() {
        tokio::task::yield_now().await;
    }
    rotating.commit().await.unwrap();
    assert!(!stepping.await.unwrap(), "the key signs no longer");
    assert_eq!(facts(&setting, &stored[0]).await.session, stored[0]);
}
