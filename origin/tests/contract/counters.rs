//! Counters that others go by.

use sealgate_origin::credential::Scopes;
use sealgate_origin::store::NewServiceToken;
use sealgate_test_database::Engine;

use crate::setting::Setting;

on_both!(
    the_longest_lifetime_is_raised_and_never_lowered,
    many_who_raise_it_at_once_leave_the_longest,
    each_counter_moves_with_what_it_counts,
    the_database_has_every_migration_and_a_time,
);

async fn the_longest_lifetime_is_raised_and_never_lowered(engine: Engine) {
    let setting = Setting::on(engine).await;
    let (lifetime, version) = (900_000, setting.store.keyring_version().await.unwrap());
    assert_eq!(setting.store.token_lifetime().await.unwrap(), lifetime);
    for lower in [0, 1, lifetime] {
        setting.store.raise_token_lifetime(lower).await.unwrap();
        assert_eq!(setting.store.token_lifetime().await.unwrap(), lifetime);
    }
    assert_eq!(setting.store.keyring_version().await.unwrap(), version, "nothing has changed");
    setting.store.raise_token_lifetime(lifetime + 1).await.unwrap();
    assert_eq!(setting.store.token_lifetime().await.unwrap(), lifetime + 1);
    assert_eq!(setting.store.keyring_version().await.unwrap(), version + 1, "a ring tells the longest lifetime");
}

async fn many_who_raise_it_at_once_leave_the_longest(engine: Engine) {
    let setting = Setting::on(engine).await;
    let raising: Vec<_> = (0..32)
        .map(|number| {
            let store = setting.store.clone();
            tokio::spawn(async move { store.raise_token_lifetime(1_000_000 + number * 7_919 % 32).await })
        })
        .collect();
    for one in raising {
        one.await.unwrap().unwrap();
    }
    assert_eq!(setting.store.token_lifetime().await.unwrap(), 1_000_031);
}

async fn each_counter_moves_with_what_it_counts(engine: Engine) {
    let setting = Setting::on(engine).await;
    let store = &setting.store;
    let moved = async |earlier: sealgate_origin::store::Standing| {
        let now = store.standing().await.unwrap();
        let position = now.position.sequence - earlier.position.sequence;
        (position, now.keyring > earlier.keyring, now.credentials > earlier.credentials)
    };

    let earlier = store.standing().await.unwrap();
    assert_eq!((earlier.position.epoch, earlier.position.sequence), (1, 0));
    let session = setting.store_sessions(0..1).await.remove(0);
    assert_eq!(moved(earlier).await, (0, false, false), "a session is nobody else's business");

    setting.rotate(1).await;
    assert_eq!(moved(earlier).await, (0, true, false));

    let earlier = store.standing().await.unwrap();
    let scopes: Scopes = "sessions:mint".parse().unwrap();
    let (name, secret_hash) = ("backend", [1; 32]);
    let token = NewServiceToken { public_id: "AAAAAAAAAAA", tenant: Some(&setting.demo), name, secret_hash, scopes };
    store.create_service_token(&token, setting.now).await.unwrap();
    assert_eq!(moved(earlier).await, (0, false, true));
    let earlier = store.standing().await.unwrap();
    store.revoke_service_token("AAAAAAAAAAA", setting.now).await.unwrap().unwrap();
    assert_eq!(moved(earlier).await, (0, false, true));
    let earlier = store.standing().await.unwrap();
    assert!(store.revoke_service_token("AAAAAAAAAAA", setting.now).await.unwrap().is_none());
    assert_eq!(moved(earlier).await, (0, false, false), "what changes nothing moves nothing");

    assert!(store.revoke_edge(&"dev".parse().unwrap(), setting.now).await.unwrap());
    assert_eq!(moved(earlier).await, (0, true, true));

    let earlier = store.standing().await.unwrap();
    setting.origin.v1("DELETE", &format!("/v1/sessions/{}", session.id)).send().await;
    assert_eq!(moved(earlier).await, (1, false, false));
}

async fn the_database_has_every_migration_and_a_time(engine: Engine) {
    let setting = Setting::on(engine).await;
    assert!(setting.store.check_ready().await.unwrap());
    let newest = setting.store.newest_time().await.unwrap().unwrap();
    assert_eq!(newest, setting.now, "the keys were made then");
    setting.store.try_write_lock().await.unwrap();
    assert!(setting.store.find_damage().await.unwrap().is_empty());
    // A server has a clock of its own, which origins go by; a file has not.
    assert_eq!(setting.store.standing().await.unwrap().time.is_some(), engine == Engine::Postgres);
}
