//! The sequence of revocations: gapless, in the order of commits, whoever reads it while it is written.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sealgate_origin::session::{RevokedReason, Session};
use sealgate_origin::store::{Recorded, Store};
use sealgate_shared::id::SessionId;
use sealgate_shared::revocation::Revoked;
use sealgate_test_database::Engine;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::kit::database::Backdoor;
use crate::setting::{Setting, session_id};

on_both!(
    no_reader_skips_a_revocation_that_was_held_up,
    no_reader_skips_one_whose_number_was_drawn_before_others_began,
    a_revocation_that_fails_leaves_no_gap,
    entries_come_in_order_from_any_place,
);

/// Follows the sequence as an origin does, from the newest number it has seen, until it is told to end; then reads once
/// more. What it saw, in the order it saw it.
fn follow(store: &Store, ended: &Arc<AtomicBool>) -> JoinHandle<Vec<Recorded>> {
    let (store, ended) = (store.clone(), Arc::clone(ended));
    tokio::spawn(async move {
        let mut seen: Vec<Recorded> = Vec::new();
        loop {
            let last = ended.load(Ordering::SeqCst);
            let newest = seen.last().map_or(0, |entry| entry.sequence);
            seen.extend(store.revocations_after(newest).await.unwrap());
            if last {
                return seen;
            }
            sleep(Duration::from_millis(1)).await;
        }
    })
}

fn revoke(setting: &Setting, session: &Session) -> JoinHandle<()> {
    let (store, tenant, id, now) = (setting.store.clone(), setting.demo.clone(), session.id, setting.now);
    tokio::spawn(async move {
        store.revoke_session(&tenant, id, RevokedReason::Admin, now).await.unwrap();
    })
}

fn revoked_session(recorded: &Recorded) -> Option<SessionId> {
    if let Revoked::Session(session) = recorded.entry.revoked { Some(session) } else { None }
}

fn assert_gapless(seen: &[Recorded], stored: &[Session]) {
    let numbers: Vec<u64> = seen.iter().map(|entry| entry.sequence).collect();
    assert_eq!(numbers, (1..=u64::try_from(stored.len()).unwrap()).collect::<Vec<_>>(), "in order, none twice");
    for session in stored {
        assert!(seen.iter().any(|entry| revoked_session(entry) == Some(session.id)), "{} was skipped", session.id);
    }
}

async fn no_reader_skips_a_revocation_that_was_held_up(engine: Engine) {
    let setting = Setting::on(engine).await;
    let stored = setting.store_sessions(0..20).await;
    let ended = Arc::new(AtomicBool::new(false));
    let reader = follow(&setting.store, &ended);

    // Somebody holds the first session's row; the revocation of it is begun, and stuck in the middle.
    let mut holder = Holder::begin(&setting.database).await;
    holder.execute(&format!("update sessions set label = 'held' where id = '{}'", stored[0].id)).await;
    let held = revoke(&setting, &stored[0]);
    sleep(Duration::from_millis(200)).await;
    let others: Vec<_> = stored[1..].iter().map(|session| revoke(&setting, session)).collect();
    sleep(Duration::from_millis(200)).await;
    assert!(!held.is_finished());
    if engine == Engine::Postgres {
        // SQLite has one writer, and all of them wait for it.
        for other in others {
            other.await.unwrap();
        }
        assert_eq!(setting.store.revocations_after(0).await.unwrap().len(), 19, "nobody else was held up");
        holder.commit().await;
    } else {
        holder.commit().await;
        for other in others {
            other.await.unwrap();
        }
    }
    held.await.unwrap();
    ended.store(true, Ordering::SeqCst);
    assert_gapless(&reader.await.unwrap(), &stored);
}

async fn no_reader_skips_one_whose_number_was_drawn_before_others_began(engine: Engine) {
    let setting = Setting::on(engine).await;
    // As many as there are connections, less two to read by.
    let stored = setting.store_sessions(0..4).await;
    let ended = Arc::new(AtomicBool::new(false));
    let reader = follow(&setting.store, &ended);

    // Another origin has done everything but commit.
    let mut holder = Holder::begin(&setting.database).await;
    let at = "'2026-06-01T12:00:00.000Z'";
    holder
        .execute(&format!(
            "update sessions set revoked_at = {at}, revoked_reason = 'admin' where id = '{}'",
            stored[0].id
        ))
        .await;
    holder.execute("update counters set value = value + 1 where name = 'revocations'").await;
    let sql = format!(
        "insert into revocations (sequence, kind, tenant, session, created_at, expires_at) \
         select value, 'session', 'demo', '{}', {at}, {at} from counters where name = 'revocations'",
        stored[0].id
    );
    holder.execute(&sql).await;
    let others: Vec<_> = stored[1..].iter().map(|session| revoke(&setting, session)).collect();
    sleep(Duration::from_millis(300)).await;
    assert!(setting.store.revocations_after(0).await.unwrap().is_empty(), "nobody overtakes");
    holder.commit().await;
    for other in others {
        other.await.unwrap();
    }
    ended.store(true, Ordering::SeqCst);
    let seen = reader.await.unwrap();
    assert_gapless(&seen, &stored);
    assert_eq!(revoked_session(&seen[0]), Some(stored[0].id));
}

async fn a_revocation_that_fails_leaves_no_gap(engine: Engine) {
    let setting = Setting::on(engine).await;
    let stored = setting.store_sessions(0..2).await;
    setting.database.execute("alter table revocations rename to gone").await.unwrap();
    let failed = setting.store.revoke_session(&setting.demo, stored[0].id, RevokedReason::Admin, setting.now).await;
    assert!(failed.is_err());
    setting.database.execute("alter table gone rename to revocations").await.unwrap();
    assert_eq!(setting.store.session(&setting.demo, stored[0].id).await.unwrap().unwrap(), stored[0]);
    for session in &stored {
        revoke(&setting, session).await.unwrap();
    }
    assert_gapless(&setting.store.revocations_after(0).await.unwrap(), &stored);
}

async fn entries_come_in_order_from_any_place(engine: Engine) {
    let setting = Setting::on(engine).await;
    let stored = setting.store_sessions(0..5).await;
    for session in &stored {
        revoke(&setting, session).await.unwrap();
    }
    for after in 0..7_u32 {
        let expected: Vec<_> = (after..5).map(|number| (u64::from(number) + 1, Some(session_id(number)))).collect();
        let found = setting.store.revocations_after(after.into()).await.unwrap();
        let found: Vec<_> = found.iter().map(|entry| (entry.sequence, revoked_session(entry))).collect();
        assert_eq!(found, expected);
    }
    assert_eq!(setting.store.revocations_after(u64::MAX).await.unwrap(), []);
}

/// A transaction by the back door, held open.
enum Holder {
    Sqlite(sqlx::Transaction<'static, sqlx::Sqlite>),
    Postgres(sqlx::Transaction<'static, sqlx::Postgres>),
}

impl Holder {
    async fn begin(database: &Backdoor) -> Self {
        match database {
            Backdoor::Sqlite(pool) => Self::Sqlite(pool.begin_with("begin immediate").await.unwrap()),
            Backdoor::Postgres(pool) => Self::Postgres(pool.begin().await.unwrap()),
        }
    }

    async fn execute(&mut self, sql: &str) {
        let query = sqlx::AssertSqlSafe(sql.to_owned());
        let touched = match self {
            Self::Sqlite(transaction) => sqlx::query(query).execute(&mut **transaction).await.unwrap().rows_affected(),
            Self::Postgres(transaction) => {
                sqlx::query(query).execute(&mut **transaction).await.unwrap().rows_affected()
            }
        };
        assert_eq!(touched, 1, "{sql}");
    }

    async fn commit(self) {
        match self {
            Self::Sqlite(transaction) => transaction.commit().await.unwrap(),
            Self::Postgres(transaction) => transaction.commit().await.unwrap(),
        }
    }
}
