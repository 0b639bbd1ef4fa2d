//! Storing sessions and finding them again.

use sealgate_origin::session::{Channel, IdpLink, Method, Session};
use sealgate_origin::store::StoreError;
use sealgate_shared::id::Roles;
use sealgate_shared::time::UnixMillis;
use sealgate_test_database::Engine;

use crate::setting::{Setting, actor, new_key, session, session_id};

on_both!(
    every_field_comes_back_as_it_was,
    times_are_kept_to_the_millisecond,
    an_id_is_given_once,
    only_the_active_key_signs,
    a_key_of_another_tenant_signs_nothing,
    a_tenant_that_is_disabled_or_gone_gets_no_session,
    a_session_is_its_tenants_alone,
    facts_are_those_of_the_row,
    before_sign_in_there_is_no_session,
);

async fn every_field_comes_back_as_it_was(engine: Engine) {
    let setting = Setting::on(engine).await;
    let plain = setting.session(1).await;
    let full = Session {
        id: session_id(2),
        actor: actor("service", "0b9f2c4e-7a1d-4c3b-9e5f-6d7c8b9a0e1f"),
        generation: u32::MAX,
        channel: Channel::Bearer,
        method: Some(Method::Oidc),
        idp: Some(IdpLink {
            issuer: "https://id.example/a?b=c".to_owned(),
            subject: "subject of theirs".to_owned(),
            sid: Some("08a5019c-17e1-4977-8f42-65a12843ea02".to_owned()),
        }),
        created_at: setting.now.minus(3_000),
        issued_at: setting.now.minus(2_000),
        last_seen_at: setting.now.minus(1_000),
        authenticated_at: setting.now.minus(60_000),
        remember: true,
        assurance: 255,
        roles: Roles::new(vec!["admin".parse().unwrap(), "auditor".parse().unwrap()]).unwrap(),
        fingerprint: Some([0xff; 32]),
        device_name: Some("Firefox on Linux".to_owned()),
        label: Some("'quoted', \"twice\" – and ünïcode 🦭".to_owned()),
        ip: Some("2001:db8::1".parse().unwrap()),
        user_agent: Some("Mozilla/5.0 (X11; Linux x86_64; rv:140.0)".to_owned()),
        ..plain.clone()
    };
    for session in [plain, full] {
        assert!(setting.store.insert_session(&session).await.unwrap());
        let found = setting.store.session(&setting.demo, session.id).await.unwrap().unwrap();
        assert_eq!(found, session);
    }
}

async fn times_are_kept_to_the_millisecond(engine: Engine) {
    let setting = Setting::on(engine).await;
    // Two that binary fractions of a second do not hit, the last second of a day and of a leap day, and far times.
    for (number, at) in [
        (1, 1_780_315_200_001),
        (2, 1_780_315_200_999),
        (3, 1_780_358_399_999),
        (4, 1_835_481_599_998),
        (5, 1),
        (6, 253_402_200_000_123),
    ] {
        let mut session = setting.session(number).await;
        let at = UnixMillis::new(at).unwrap();
        (session.created_at, session.issued_at, session.last_seen_at) = (at, at, at);
        (session.access_expires_at, session.idle_expires_at) = (at.plus(1), at.plus(1));
        session.absolute_expires_at = at.plus(1);
        session.authenticated_at = at;
        assert!(setting.store.insert_session(&session).await.unwrap());
        assert_eq!(setting.store.session(&setting.demo, session.id).await.unwrap().unwrap(), session);
    }
}

async fn an_id_is_given_once(engine: Engine) {
    let setting = Setting::on(engine).await;
    let session = setting.session(1).await;
    assert!(setting.store.insert_session(&session).await.unwrap());
    let again = Session { actor: actor("user", "eve"), ..session.clone() };
    assert!(matches!(setting.store.insert_session(&again).await, Err(StoreError::Exists)));
    assert_eq!(setting.store.session(&setting.demo, session.id).await.unwrap().unwrap(), session);
}

async fn only_the_active_key_signs(engine: Engine) {
    let setting = Setting::on(engine).await;
    let retired = setting.active_key(&setting.demo).await;
    let rotation = setting.rotate(1).await;
    let attempts = [(retired, false), (rotation.pending, false), (new_key(9).id, false), (rotation.active, true)];
    for (number, (key, stored)) in (1..).zip(attempts) {
        let session = session(number, &setting.demo, key, setting.now);
        assert_eq!(setting.store.insert_session(&session).await.unwrap(), stored, "{key}");
        assert_eq!(setting.store.session(&setting.demo, session.id).await.unwrap().is_some(), stored, "{key}");
    }
}

async fn a_key_of_another_tenant_signs_nothing(engine: Engine) {
    let setting = Setting::on(engine).await;
    let key = setting.active_key(&setting.other).await;
    assert!(!setting.store.insert_session(&session(1, &setting.demo, key, setting.now)).await.unwrap());
}

async fn a_tenant_that_is_disabled_or_gone_gets_no_session(engine: Engine) {
    let setting = Setting::on(engine).await;
    let session = setting.session(1).await;
    setting.database.execute("update tenants set disabled_at = created_at where id = 'demo'").await.unwrap();
    assert!(!setting.store.insert_session(&session).await.unwrap());
    setting.database.execute("delete from tenants where id = 'demo'").await.unwrap();
    assert!(!setting.store.insert_session(&session).await.unwrap());
}

async fn a_session_is_its_tenants_alone(engine: Engine) {
    let setting = Setting::on(engine).await;
    let stored = setting.store_sessions(1..2).await.remove(0);
    assert!(setting.store.session(&setting.other, stored.id).await.unwrap().is_none());
    assert_eq!(setting.store.tenant_of_session(stored.id).await.unwrap().as_ref(), Some(&setting.demo));
    assert_eq!(setting.store.tenant_of_session(session_id(2)).await.unwrap(), None);
}

async fn facts_are_those_of_the_row(engine: Engine) {
    let setting = Setting::on(engine).await;
    let stored = setting.store_sessions(1..2).await.remove(0);
    let facts = setting.store.session_facts(stored.id).await.unwrap().unwrap();
    assert_eq!((&facts.tenant, &facts.actor, facts.revoked), (&setting.demo, &stored.actor, false));
    assert_eq!((facts.absolute_expires_at, facts.read_at.sequence), (stored.absolute_expires_at, 0));
    setting.origin.v1("DELETE", &format!("/v1/sessions/{}", stored.id)).send().await;
    let facts = setting.store.session_facts(stored.id).await.unwrap().unwrap();
    assert_eq!((facts.revoked, facts.read_at.epoch, facts.read_at.sequence), (true, 1, 1));
    assert!(setting.store.session_facts(session_id(2)).await.unwrap().is_none());
}

async fn before_sign_in_there_is_no_session(engine: Engine) {
    let setting = Setting::on(engine).await;
    let stored = setting.store_sessions(1..2).await.remove(0);
    setting.database.execute("update sessions set pre_login = true").await.unwrap();
    assert!(setting.store.session(&setting.demo, stored.id).await.unwrap().is_none());
    assert!(setting.store.session_facts(stored.id).await.unwrap().is_none());
    assert_eq!(setting.store.tenant_of_session(stored.id).await.unwrap(), None);
}
