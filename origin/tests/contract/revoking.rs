//! Ending sessions.

use sealgate_origin::session::{Revoked, RevokedReason, Session};
use sealgate_origin::store::{Recorded, RevokeActor, RevokeOutcome};
use sealgate_shared::revocation::{Entry, Revoked as Hit};
use sealgate_test_database::Engine;

use crate::setting::{Setting, actor, session_id};

on_both!(
    a_session_is_revoked_once,
    every_reason_comes_back,
    of_many_who_revoke_at_once_one_did,
    an_actor_loses_all_sessions_but_the_one_to_stay,
    when_the_one_to_stay_is_not_live_nothing_happens,
    what_has_ended_already_is_left_as_it_is,
);

async fn a_session_is_revoked_once(engine: Engine) {
    let setting = Setting::on(engine).await;
    let stored = setting.store_sessions(1..3).await;
    let revoke = async |tenant, id, reason, at| setting.store.revoke_session(tenant, id, reason, at).await.unwrap();
    let (id, now) = (stored[0].id, setting.now.plus(5));
    assert!(matches!(revoke(&setting.other, id, RevokedReason::Admin, now).await, RevokeOutcome::NotFound));
    assert!(matches!(revoke(&setting.demo, session_id(9), RevokedReason::Admin, now).await, RevokeOutcome::NotFound));

    let expected = Session { revoked: Some(Revoked { at: now, reason: RevokedReason::SignOut }), ..stored[0].clone() };
    let RevokeOutcome::Revoked(session) = revoke(&setting.demo, id, RevokedReason::SignOut, now).await else {
        panic!()
    };
    assert_eq!(session, expected);
    let again = revoke(&setting.demo, id, RevokedReason::Admin, now.plus(5)).await;
    let RevokeOutcome::Already(session) = again else { panic!() };
    assert_eq!(session, expected, "neither time nor reason changes");
    assert_eq!(setting.store.session(&setting.demo, stored[1].id).await.unwrap().unwrap(), stored[1]);
    let entry = Entry { revoked: Hit::Session(id), expires_at: stored[0].access_expires_at };
    let recorded = Recorded { sequence: 1, tenant: setting.demo.clone(), created_at: now, entry };
    assert_eq!(setting.store.revocations_after(0).await.unwrap(), [recorded]);
}

async fn every_reason_comes_back(engine: Engine) {
    let setting = Setting::on(engine).await;
    let words =
        ["sign_out", "rotation", "admin", "reuse", "back_channel", "credential_change", "key_revoked", "session_limit"];
    let stored = setting.store_sessions(0..8).await;
    for (session, word) in stored.iter().zip(words) {
        let reason: RevokedReason = word.parse().unwrap();
        setting.store.revoke_session(&setting.demo, session.id, reason, setting.now).await.unwrap();
        let found = setting.store.session(&setting.demo, session.id).await.unwrap().unwrap();
        assert_eq!(found.revoked, Some(Revoked { at: setting.now, reason }));
    }
}

async fn of_many_who_revoke_at_once_one_did(engine: Engine) {
    let setting = Setting::on(engine).await;
    let stored = setting.store_sessions(1..2).await.remove(0);
    let revoking: Vec<_> = (0..16)
        .map(|_| {
            let (store, tenant, now) = (setting.store.clone(), setting.demo.clone(), setting.now);
            tokio::spawn(async move { store.revoke_session(&tenant, stored.id, RevokedReason::Admin, now).await })
        })
        .collect();
    let mut did = 0;
    for one in revoking {
        match one.await.unwrap().unwrap() {
            RevokeOutcome::Revoked(_) => did += 1,
            RevokeOutcome::Already(session) => assert!(session.revoked.is_some()),
            RevokeOutcome::NotFound => panic!("it is there"),
        }
    }
    assert_eq!(did, 1);
    assert_eq!(setting.store.revocations_after(0).await.unwrap().len(), 1);
}

async fn an_actor_loses_all_sessions_but_the_one_to_stay(engine: Engine) {
    let setting = Setting::on(engine).await;
    let stored = setting.store_sessions(0..4).await;
    let ada = &stored[0].actor;
    for (number, stranger) in [(10, actor("user", "bob")), (11, actor("service", "ada"))] {
        let session = Session { actor: stranger, ..setting.session(number).await };
        assert!(setting.store.insert_session(&session).await.unwrap());
    }
    let reason = RevokedReason::CredentialChange;
    let request = |except| RevokeActor { tenant: &setting.demo, actor: ada, except, reason };
    let mut ended = setting.store.revoke_actor(&request(Some(stored[2].id)), setting.now).await.unwrap().unwrap();
    ended.sort();
    assert_eq!(ended, [stored[0].id, stored[1].id, stored[3].id]);
    for session in &stored {
        let found = setting.store.session(&setting.demo, session.id).await.unwrap().unwrap();
        let expected = (session.id != stored[2].id).then_some(Revoked { at: setting.now, reason });
        assert_eq!(found.revoked, expected);
    }
    for number in [10, 11] {
        let stranger = setting.store.session(&setting.demo, session_id(number)).await.unwrap().unwrap();
        assert_eq!(stranger.revoked, None);
    }
    let ended = setting.store.revoke_actor(&request(None), setting.now).await.unwrap().unwrap();
    assert_eq!(ended, [stored[2].id]);
    assert_eq!(setting.store.revoke_actor(&request(None), setting.now).await.unwrap().unwrap(), []);
    let hit = |except| Hit::Actor {
        tenant: setting.demo.clone(),
        actor_type: ada.kind.clone(),
        actor_id: ada.id.clone(),
        except,
        issued_before: setting.now.plus(1),
    };
    let entries = setting.store.revocations_after(0).await.unwrap();
    let entries: Vec<_> = entries.into_iter().map(|recorded| (recorded.sequence, recorded.entry.revoked)).collect();
    let expected = [(1, hit(Some(stored[2].id))), (2, hit(None))];
    assert_eq!(entries, expected, "one entry for each act that ended something");
}

async fn when_the_one_to_stay_is_not_live_nothing_happens(engine: Engine) {
    let setting = Setting::on(engine).await;
    let stored = setting.store_sessions(0..3).await;
    let reason = RevokedReason::Admin;
    setting.store.revoke_session(&setting.demo, stored[0].id, reason, setting.now).await.unwrap();
    let bob = Session { actor: actor("user", "bob"), ..setting.session(10).await };
    assert!(setting.store.insert_session(&bob).await.unwrap());
    for except in [stored[0].id, session_id(99), bob.id] {
        let request = RevokeActor { tenant: &setting.demo, actor: &stored[0].actor, except: Some(except), reason };
        assert!(setting.store.revoke_actor(&request, setting.now).await.unwrap().is_none());
    }
    let found = setting.store.session(&setting.demo, stored[1].id).await.unwrap().unwrap();
    assert_eq!(found.revoked, None);
    assert_eq!(setting.store.revocations_after(0).await.unwrap().len(), 1);
}

async fn what_has_ended_already_is_left_as_it_is(engine: Engine) {
    let setting = Setting::on(engine).await;
    let stored = setting.store_sessions(0..2).await;
    let reason = RevokedReason::SignOut;
    setting.store.revoke_session(&setting.demo, stored[0].id, reason, setting.now).await.unwrap();
    let request =
        RevokeActor { tenant: &setting.demo, actor: &stored[0].actor, except: None, reason: RevokedReason::Admin };
    let later = stored[1].idle_expires_at;
    assert_eq!(setting.store.revoke_actor(&request, later).await.unwrap().unwrap(), [], "the other one has expired");
    let found = setting.store.session(&setting.demo, stored[0].id).await.unwrap().unwrap();
    assert_eq!(found.revoked, Some(Revoked { at: setting.now, reason }));
}
