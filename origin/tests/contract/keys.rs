//! Signing keys.

use sealgate_origin::store::{KeyState, RotateOutcome, RotateWhen};
use sealgate_test_database::Engine;

use crate::setting::{Setting, new_key};

on_both!(
    keys_come_in_the_order_they_were_made_with_what_was_sealed,
    a_rotation_happens_as_a_whole_or_not_at_all,
    of_many_who_wait_for_one_rotation_one_rotates,
    many_rotations_leave_one_active_and_one_pending_key,
    a_key_is_told_from_a_strangers,
);

async fn keys_come_in_the_order_they_were_made_with_what_was_sealed(engine: Engine) {
    let mut setting = Setting::on(engine).await;
    let mut expected = Vec::new();
    for key in setting.store.keys_of(&setting.demo).await.unwrap() {
        expected.push((key.id, key.sealed));
    }
    // By id they would come in another order.
    for number in [9, 3, 6] {
        setting.now = setting.now.plus(1);
        setting.rotate(number).await;
        expected.push((new_key(number).id, Some(new_key(number).sealed)));
    }
    let keys = setting.store.keys_of(&setting.demo).await.unwrap();
    let states: Vec<KeyState> = keys.iter().map(|key| key.state).collect();
    let (retired, active, pending) = (KeyState::Retired, KeyState::Active, KeyState::Pending);
    assert_eq!(states, [retired, retired, retired, active, pending]);
    assert_eq!(keys.into_iter().map(|key| (key.id, key.sealed)).collect::<Vec<_>>(), expected);
    let summaries = setting.store.list_keys(&setting.demo, setting.now).await.unwrap();
    assert_eq!(
        summaries.iter().map(|key| key.id).collect::<Vec<_>>(),
        expected.iter().map(|key| key.0).collect::<Vec<_>>()
    );
    assert_eq!(summaries[3].activated_at, Some(setting.now));
    assert_eq!((summaries[2].retired_at, summaries[4].activated_at), (Some(setting.now), None));
}

async fn a_rotation_happens_as_a_whole_or_not_at_all(engine: Engine) {
    let setting = Setting::on(engine).await;
    let version = setting.store.keyring_version().await.unwrap();
    let before = setting.active_key(&setting.demo).await;
    let again = sealgate_origin::store::NewKey { id: before, sealed: vec![0; 69] };
    let when = RotateWhen::default();
    assert!(setting.store.rotate_keys(&setting.demo, &again, when, setting.now).await.is_err(), "the id is taken");
    assert_eq!(setting.active_key(&setting.demo).await, before);
    assert_eq!(setting.store.keyring_version().await.unwrap(), version);
    let nobody = "nobody".parse().unwrap();
    let outcome = setting.store.rotate_keys(&nobody, &new_key(1), when, setting.now).await.unwrap();
    assert_eq!(outcome, RotateOutcome::NoTenant);
    assert_eq!(setting.store.keyring_version().await.unwrap(), version);
}

async fn of_many_who_wait_for_one_rotation_one_rotates(engine: Engine) {
    let setting = Setting::on(engine).await;
    let expected = setting.active_key(&setting.demo).await;
    let rotating: Vec<_> = (0..12)
        .map(|number| {
            let (store, tenant, now) = (setting.store.clone(), setting.demo.clone(), setting.now);
            let when = RotateWhen { expected_active: Some(expected), published_for_ms: 0 };
            tokio::spawn(async move { store.rotate_keys(&tenant, &new_key(number), when, now).await.unwrap() })
        })
        .collect();
    let (mut rotated, mut late) = (Vec::new(), Vec::new());
    for one in rotating {
        match one.await.unwrap() {
            RotateOutcome::Rotated(rotation) => rotated.push(rotation.active),
            RotateOutcome::AlreadyRotated { active } => late.push(active),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((rotated.len(), late.len()), (1, 11));
    assert!(late.iter().all(|active| *active == rotated[0]));
}

async fn many_rotations_leave_one_active_and_one_pending_key(engine: Engine) {
    let setting = Setting::on(engine).await;
    let version = setting.store.keyring_version().await.unwrap();
    let rotating: Vec<_> = (0..12)
        .map(|number| {
            let (store, tenant, now) = (setting.store.clone(), setting.demo.clone(), setting.now);
            let when = RotateWhen::default();
            tokio::spawn(async move { store.rotate_keys(&tenant, &new_key(number), when, now).await.unwrap() })
        })
        .collect();
    let mut promoted = Vec::new();
    for one in rotating {
        let RotateOutcome::Rotated(rotation) = one.await.unwrap() else { panic!("nothing stands in the way") };
        promoted.push(rotation.active);
    }
    promoted.sort();
    promoted.dedup();
    assert_eq!(promoted.len(), 12, "each promoted a key of its own");
    let keys = setting.store.keys_of(&setting.demo).await.unwrap();
    let count = |state| keys.iter().filter(|key| key.state == state).count();
    assert_eq!((count(KeyState::Active), count(KeyState::Pending), count(KeyState::Retired)), (1, 1, 12));
    assert_eq!(setting.store.keyring_version().await.unwrap(), version + 12);
    assert_eq!(setting.store.keys_of(&setting.other).await.unwrap().len(), 2);
}

async fn a_key_is_told_from_a_strangers(engine: Engine) {
    let setting = Setting::on(engine).await;
    let key = setting.active_key(&setting.other).await;
    assert_eq!(setting.store.tenant_of_key(key).await.unwrap().as_ref(), Some(&setting.other));
    assert_eq!(setting.store.tenant_of_key(new_key(9).id).await.unwrap(), None);
}
