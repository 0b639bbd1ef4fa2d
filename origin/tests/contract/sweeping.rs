//! Deleting what is over.

use sealgate_origin::session::{RevokedReason, Session};
use sealgate_origin::store::{NewPreLogin, PreLoginKey, SealedColumn, Sweep};
use sealgate_test_database::Engine;

use crate::setting::{Setting, session_id};

on_both!(
    what_is_over_goes_and_nothing_else,
    what_need_not_be_known_is_forgotten_and_the_session_stays,
    a_sweep_takes_a_batch_and_several_take_different_ones,
    the_oldest_sign_ins_of_a_tenant_make_room_and_nothing_else_does,
    a_sealed_secret_is_replaced_where_it_is_the_one_known,
);

async fn what_is_over_goes_and_nothing_else(engine: Engine) {
    let setting = Setting::on(engine).await;
    let stored = setting.store_sessions(0..3).await;
    let (store, end) = (&setting.store, stored[0].idle_expires_at);
    store.revoke_session(&setting.demo, stored[0].id, RevokedReason::Admin, setting.now).await.unwrap();
    let sql = format!("update sessions set pre_login = true where id = '{}'", stored[1].id);
    setting.database.execute(&sql).await.unwrap();
    let left = async || {
        let sql = "select id from sessions order by id";
        setting.database.rows::<(String,)>(sql).await.into_iter().map(|(id,)| id).collect::<Vec<_>>()
    };
    let sweep = async |what, before| store.sweep(what, before, 100).await.unwrap();
    assert_eq!(sweep(Sweep::ExpiredSessions, end.minus(1)).await, 0);
    assert_eq!(sweep(Sweep::RevokedSessions, setting.now.minus(1)).await, 0);
    assert_eq!(sweep(Sweep::PreLogin, stored[1].absolute_expires_at.minus(1)).await, 0);
    assert_eq!(left().await.len(), 3);
    assert_eq!(sweep(Sweep::ExpiredSessions, end).await, 1);
    assert_eq!(left().await, [session_id(0).to_string(), session_id(1).to_string()]);
    assert_eq!(sweep(Sweep::RevokedSessions, setting.now).await, 1);
    assert_eq!(left().await, [session_id(1).to_string()]);
    assert_eq!(sweep(Sweep::PreLogin, stored[1].absolute_expires_at).await, 1);
    assert!(left().await.is_empty());

    assert_eq!(sweep(Sweep::Revocations, setting.now).await, 0, "its token may be alive");
    assert_eq!(sweep(Sweep::Revocations, end).await, 1);
    let standing = store.standing().await.unwrap();
    assert_eq!(standing.position.sequence, 1, "numbers go on where they were");
}

async fn what_need_not_be_known_is_forgotten_and_the_session_stays(engine: Engine) {
    let setting = Setting::on(engine).await;
    let ip = Some("2001:db8::1".parse().unwrap());
    let mut stored = Vec::new();
    for (number, ip, user_agent) in
        [(0, ip, Some("Telltale/7")), (1, ip, None), (2, None, Some("Telltale/7")), (3, None, None)]
    {
        let session = Session { ip, user_agent: user_agent.map(str::to_owned), ..setting.session(number).await };
        assert!(setting.store.insert_session(&session).await.unwrap());
        stored.push(session);
    }
    let later = Session { last_seen_at: setting.now.plus(1), ip, ..setting.session(4).await };
    assert!(setting.store.insert_session(&later).await.unwrap());
    let sweep = async |before, limit| setting.store.sweep(Sweep::PersonalData, before, limit).await.unwrap();
    assert_eq!(sweep(setting.now.minus(1), 100).await, 0);
    assert_eq!((sweep(setting.now, 2).await, sweep(setting.now, 2).await, sweep(setting.now, 2).await), (2, 1, 0));
    for session in stored {
        let found = setting.store.session(&setting.demo, session.id).await.unwrap();
        assert_eq!(found, Some(Session { ip: None, user_agent: None, ..session }));
    }
    assert_eq!(setting.store.session(&setting.demo, later.id).await.unwrap(), Some(later));
}

async fn a_sweep_takes_a_batch_and_several_take_different_ones(engine: Engine) {
    let setting = Setting::on(engine).await;
    let end = setting.store_sessions(0..40).await[0].idle_expires_at;
    assert_eq!(setting.store.sweep(Sweep::ExpiredSessions, end, 10).await.unwrap(), 10);
    let sweeping: Vec<_> = (0..4)
        .map(|_| {
            let store = setting.store.clone();
            tokio::spawn(async move { store.sweep(Sweep::ExpiredSessions, end, 10).await.unwrap() })
        })
        .collect();
    let mut swept = 0;
    for one in sweeping {
        swept += one.await.unwrap();
    }
    assert_eq!(swept, 30, "each row once");
    assert_eq!(setting.database.number("select count(*) from sessions").await, 0);
}

async fn the_oldest_sign_ins_of_a_tenant_make_room_and_nothing_else_does(engine: Engine) {
    let setting = Setting::on(engine).await;
    setting.store_sessions(0..2).await;
    let tenants = [&setting.other, &setting.demo, &setting.demo, &setting.demo];
    for (number, tenant) in (10_u8..).zip(tenants) {
        let hash = [number; 32];
        let key = PreLoginKey { tenant, state: &hash, binding: &hash };
        let (id, ends_at) = (session_id(number.into()), setting.now.plus(60_000));
        let login = NewPreLogin { id, key, sealed: &[1; 64], network: None, ends_at };
        assert!(setting.store.insert_pre_login(&login, setting.now.plus(number.into())).await.unwrap());
    }
    assert_eq!(setting.store.trim_pre_logins(&setting.demo, 1).await.unwrap(), 2);
    let left = setting.database.rows::<(String,)>("select id from sessions order by id").await;
    assert_eq!(left, [0, 1, 10, 13].map(|number| (session_id(number).to_string(),)));
}

async fn a_sealed_secret_is_replaced_where_it_is_the_one_known(engine: Engine) {
    let setting = Setting::on(engine).await;
    let columns = [SealedColumn::FingerprintKey, SealedColumn::SigningKey, SealedColumn::EdgeSecret];
    for (column, expected) in columns.into_iter().zip([2, 4, 1]) {
        let rows = setting.store.sealed_page(column, "", 100).await.unwrap();
        assert_eq!(rows.len(), expected);
        let mut one_by_one = Vec::new();
        while let Some(row) =
            setting.store.sealed_page(column, one_by_one.last().map_or("", String::as_str), 1).await.unwrap().pop()
        {
            one_by_one.push(row.id);
        }
        assert_eq!(one_by_one, rows.iter().map(|row| row.id.clone()).collect::<Vec<_>>());
        let row = &rows[0];
        let replace = async |old, new| setting.store.replace_sealed(column, &row.id, old, new).await.unwrap();
        assert!(!replace(&[0; 69], &[1; 69]).await);
        assert!(replace(&row.sealed, &[1; 69]).await);
        assert!(!replace(&row.sealed, &[2; 69]).await);
        assert_eq!(setting.store.sealed_page(column, "", 1).await.unwrap()[0].sealed, [1; 69]);
    }
    let under: u64 = setting.store.count_sealed_by_kek().await.unwrap().iter().map(|(_, count)| count).sum();
    assert_eq!(under, 7);
}
