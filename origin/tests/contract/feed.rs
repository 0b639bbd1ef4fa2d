//! What the feed is made from: whole entries, from any place, and those that still matter.

use sealgate_origin::session::{RevokedReason, Session};
use sealgate_origin::store::{Recorded, RevokeActor, Stretch};
use sealgate_shared::revocation::{Entry, Revoked};
use sealgate_test_database::Engine;

use crate::setting::{Setting, actor, session, session_id};

on_both!(
    every_kind_of_entry_comes_back_whole,
    a_stretch_has_what_is_alive_and_nothing_outside_it,
    a_session_that_a_mark_would_hit_is_not_stored,
    a_mark_is_about_its_own_actor_and_tenant,
    one_that_is_hit_takes_no_other_with_it,
);

const TOKEN: u64 = 15 * 60 * 1_000;

async fn revoke_actor(setting: &Setting, stored: &Session, except: Option<u32>) {
    let except = except.map(session_id);
    let request = RevokeActor { tenant: &stored.tenant, actor: &stored.actor, except, reason: RevokedReason::Admin };
    setting.store.revoke_actor(&request, setting.now).await.unwrap().unwrap();
}

async fn every_kind_of_entry_comes_back_whole(engine: Engine) {
    let setting = Setting::on(engine).await;
    let stored = setting.store_sessions(0..3).await;
    let (store, demo, now) = (&setting.store, &setting.demo, setting.now);
    let key = setting.active_key(demo).await;
    store.revoke_session(demo, stored[0].id, RevokedReason::Admin, now).await.unwrap();
    revoke_actor(&setting, &stored[1], Some(2)).await;
    setting.origin.app.office().revoke_keys(demo, key, false).await.unwrap();
    store.disable_tenant(demo, now).await.unwrap().unwrap();

    let issued_before = now.plus(1);
    let actor_mark = Revoked::Actor {
        tenant: demo.clone(),
        actor_type: "user".parse().unwrap(),
        actor_id: "ada".parse().unwrap(),
        except: Some(stored[2].id),
        issued_before,
    };
    let expected = [
        (Revoked::Session(stored[0].id), now.plus(TOKEN)),
        (actor_mark, issued_before.plus(TOKEN)),
        (Revoked::Key(key), issued_before.plus(TOKEN)),
        (Revoked::Tenant { tenant: demo.clone(), issued_before }, issued_before.plus(TOKEN)),
    ];
    let expected = (1..).zip(expected).map(|(sequence, (revoked, expires_at))| Recorded {
        sequence,
        tenant: demo.clone(),
        created_at: now,
        entry: Entry { revoked, expires_at },
    });
    assert_eq!(store.revocations_after(0).await.unwrap(), expected.collect::<Vec<_>>());
}

async fn a_stretch_has_what_is_alive_and_nothing_outside_it(engine: Engine) {
    let setting = Setting::on(engine).await;
    // Each one's token lives a second longer than that of the one before.
    for (number, later) in (0..6).zip([0, 1_000, 2_000, 3_000, 4_000, 5_000]) {
        let mut one = setting.session(number).await;
        one.issued_at = setting.now.plus(later);
        assert!(setting.store.insert_session(&one).await.unwrap());
        setting.store.revoke_session(&setting.demo, one.id, RevokedReason::Admin, setting.now).await.unwrap();
    }
    let end = |number: u64| setting.now.plus(TOKEN + number * 1_000);
    for (after, up_to, alive_at, expected) in [
        (0, 6, setting.now, vec![1, 2, 3, 4, 5, 6]),
        (2, 4, setting.now, vec![3, 4]),
        (0, 6, end(0).minus(1), vec![1, 2, 3, 4, 5, 6]),
        (0, 6, end(0), vec![2, 3, 4, 5, 6]),
        (3, 5, end(3), vec![5]),
        (6, u64::MAX, setting.now, vec![]),
        (0, 6, end(5), vec![]),
    ] {
        let found = setting.store.revocations_within(Stretch { after, up_to, alive_at }).await.unwrap();
        let found: Vec<u64> = found.iter().map(|recorded| recorded.sequence).collect();
        assert_eq!(found, expected, "{after}..={up_to} at {alive_at}");
    }
    let first = async |alive_at| setting.store.first_alive(alive_at).await.unwrap();
    assert_eq!((first(end(0).minus(1)).await, first(end(2)).await, first(end(5)).await), (Some(1), Some(4), None));
}

async fn a_session_that_a_mark_would_hit_is_not_stored(engine: Engine) {
    let setting = Setting::on(engine).await;
    let stored = setting.store_sessions(0..2).await;
    let (store, ada) = (&setting.store, &stored[0].actor);
    assert_eq!(store.earliest_issue(&setting.demo, ada).await.unwrap(), None);
    for except in [Some(1), None] {
        revoke_actor(&setting, &stored[0], except).await;
        let earliest = store.earliest_issue(&setting.demo, ada).await.unwrap();
        assert_eq!(earliest, Some(setting.now.plus(1)));
        let mut new = setting.session(if except.is_some() { 10 } else { 20 }).await;
        assert!(!store.insert_session(&new).await.unwrap(), "a mark that spares one session spares no other");
        assert!(store.session(&setting.demo, new.id).await.unwrap().is_none());
        new.issued_at = setting.now.plus(1);
        assert!(store.insert_session(&new).await.unwrap(), "issued when the mark begins to spare");
        store.revoke_session(&setting.demo, new.id, RevokedReason::Admin, setting.now).await.unwrap();
    }
    // Of several the newest counts.
    let sql = "update revocations set issued_before = '2026-06-01T12:00:09.000Z' where sequence = 1";
    setting.database.execute(sql).await.unwrap();
    assert_eq!(store.earliest_issue(&setting.demo, ada).await.unwrap(), Some(setting.now.plus(9_000)));
}

async fn a_mark_is_about_its_own_actor_and_tenant(engine: Engine) {
    let setting = Setting::on(engine).await;
    let stored = setting.store_sessions(0..1).await.remove(0);
    revoke_actor(&setting, &stored, None).await;
    for (number, stranger) in [(1, actor("user", "bob")), (2, actor("service", "ada"))] {
        let one = Session { actor: stranger.clone(), ..setting.session(number).await };
        assert!(setting.store.insert_session(&one).await.unwrap(), "{stranger:?}");
        assert_eq!(setting.store.earliest_issue(&setting.demo, &stranger).await.unwrap(), None);
    }
    let key = setting.active_key(&setting.other).await;
    assert!(setting.store.insert_session(&session(3, &setting.other, key, setting.now)).await.unwrap());

    setting.store.disable_tenant(&setting.demo, setting.now).await.unwrap().unwrap();
    setting.store.enable_tenant(&setting.demo, setting.now).await.unwrap();
    let bob = Session { actor: actor("user", "bob"), ..setting.session(4).await };
    assert!(!setting.store.insert_session(&bob).await.unwrap());
    let earliest = setting.store.earliest_issue(&setting.demo, &bob.actor).await.unwrap();
    assert_eq!(earliest, Some(setting.now.plus(1)));
    assert_eq!(setting.store.earliest_issue(&setting.other, &bob.actor).await.unwrap(), None);
    assert!(setting.store.insert_session(&session(5, &setting.other, key, setting.now)).await.unwrap());
}

async fn one_that_is_hit_takes_no_other_with_it(engine: Engine) {
    let setting = Setting::on(engine).await;
    let stored = setting.store_sessions(0..1).await.remove(0);
    revoke_actor(&setting, &stored, None).await;
    let storing: Vec<_> = {
        let mut storing = Vec::new();
        for number in 1..40 {
            let who = actor("user", if number % 3 == 0 { "ada" } else { "bob" });
            let one = Session { actor: who, ..setting.session(number).await };
            let store = setting.store.clone();
            storing.push((number, tokio::spawn(async move { store.insert_session(&one).await.unwrap() })));
        }
        storing
    };
    for (number, one) in storing {
        assert_eq!(one.await.unwrap(), number % 3 != 0, "{number}");
    }
}
