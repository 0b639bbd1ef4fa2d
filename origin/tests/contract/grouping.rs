//! Many sessions at once: each is stored or refused by itself, whatever becomes of those stored with it.

use sealgate_origin::session::Session;
use sealgate_origin::store::{StoreError, StoreResult};
use sealgate_test_database::Engine;
use tokio::task::JoinHandle;

use crate::setting::Setting;

on_both!(each_of_many_is_stored_or_refused_by_itself, whoever_gives_up_takes_nobody_along);

fn insert(setting: &Setting, session: Session) -> JoinHandle<StoreResult<bool>> {
    let store = setting.store.clone();
    tokio::spawn(async move { store.insert_session(&session).await })
}

async fn stored(setting: &Setting) -> i64 {
    setting.database.number("select count(*) from sessions").await
}

async fn each_of_many_is_stored_or_refused_by_itself(engine: Engine) {
    let setting = Setting::on(engine).await;
    let good = setting.session(1).await;
    let retired = good.signing_key;
    setting.rotate(1).await;
    let good = Session { signing_key: setting.active_key(&setting.demo).await, ..good };
    let mut asked = Vec::new();
    for number in 0..200 {
        let mut session = Session { id: crate::setting::session_id(number), ..good.clone() };
        match number % 10 {
            3 => session.id = crate::setting::session_id(number - 1),
            5 => session.signing_key = retired,
            7 => session.idle_expires_at = session.absolute_expires_at.plus(1),
            _ => {}
        }
        asked.push((number % 10, insert(&setting, session)));
    }
    let mut twins = 0;
    for (kind, answer) in asked {
        match (kind, answer.await.unwrap()) {
            // One of the two that have the same id, whichever came first.
            (2 | 3, Ok(true)) => twins += 1,
            (2 | 3, Err(StoreError::Exists))
            | (5, Ok(false))
            | (7, Err(StoreError::Unavailable(_)))
            | (0 | 1 | 4 | 6 | 8 | 9, Ok(true)) => {}
            (kind, other) => panic!("{kind}: {other:?}"),
        }
    }
    assert_eq!(twins, 20);
    assert_eq!(stored(&setting).await, 140, "all but 20 twins, 20 under a key that signs no more, 20 ill-formed");
}

async fn whoever_gives_up_takes_nobody_along(engine: Engine) {
    let setting = Setting::on(engine).await;
    let good = setting.session(0).await;
    let mut asked = Vec::new();
    for number in 0..100 {
        asked.push(insert(&setting, Session { id: crate::setting::session_id(number), ..good.clone() }));
        if number % 2 == 0 {
            asked.pop().unwrap().abort();
        }
    }
    for answer in asked {
        assert!(answer.await.unwrap().unwrap());
    }
    assert!(stored(&setting).await >= 50);
}
