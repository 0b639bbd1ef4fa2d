//! What is known of actors.

use sealgate_origin::session::Session;
use sealgate_origin::store::{Acquaintance, Attributes, ChangeActor, RevokeActor};
use sealgate_shared::id::Roles;
use sealgate_shared::revocation::Revoked;
use sealgate_test_database::Engine;

use crate::setting::{Setting, actor, session_id};

on_both!(
    what_is_absent_stays_as_it_is,
    a_change_at_once_is_a_mark_above_every_token_and_ends_nothing,
    a_mint_is_told_what_is_known_and_how_many_there_are,
);

fn roles(names: &[&str]) -> Roles {
    Roles::new(names.iter().map(|name| name.parse().unwrap()).collect()).unwrap()
}

async fn what_is_absent_stays_as_it_is(engine: Engine) {
    let setting = Setting::on(engine).await;
    let (store, demo, ada, now) = (&setting.store, &setting.demo, actor("user", "ada"), setting.now);
    assert_eq!(store.actor_attributes(demo, &ada).await.unwrap(), None);
    let nothing = || ChangeActor { tenant: demo, actor: &ada, roles: None, assurance: None, at_once: false };
    let change = async |change: ChangeActor<'_>, at| store.change_actor(&change, at).await.unwrap().0;
    let mut known = Attributes { roles: None, assurance: None, display_name: None, updated_at: now };
    assert_eq!(change(nothing(), now).await, known);
    known.roles = Some(roles(&["writer", "admin"]));
    assert_eq!(change(ChangeActor { roles: known.roles.clone(), ..nothing() }, now).await, known);
    (known.assurance, known.updated_at) = (Some(255), now.plus(7));
    assert_eq!(change(ChangeActor { assurance: Some(255), ..nothing() }, now.plus(7)).await, known);
    assert_eq!(store.actor_attributes(demo, &ada).await.unwrap(), Some(known));
    let known = change(ChangeActor { roles: Some(Roles::default()), ..nothing() }, now).await;
    assert_eq!(known.roles, Some(Roles::default()), "none is not the same as nothing known");
    assert_eq!(store.actor_attributes(&setting.other, &ada).await.unwrap(), None);
    assert_eq!(store.actor_attributes(demo, &actor("service", "ada")).await.unwrap(), None);
}

async fn a_change_at_once_is_a_mark_above_every_token_and_ends_nothing(engine: Engine) {
    let setting = Setting::on(engine).await;
    let (store, demo, ada, now) = (&setting.store, &setting.demo, actor("user", "ada"), setting.now);
    let change = ChangeActor { tenant: demo, actor: &ada, roles: None, assurance: Some(1), at_once: true };
    assert_eq!(store.change_actor(&change, now).await.unwrap().1, 0);
    assert!(store.revocations_after(0).await.unwrap().is_empty(), "there is nobody to tell");
    setting.store_sessions(0..2).await;
    // Another origin's clock is ahead.
    let ahead = Session { issued_at: now.plus(700), ..setting.session(2).await };
    assert!(store.insert_session(&ahead).await.unwrap());
    assert_eq!(store.change_actor(&change, now).await.unwrap().1, 3);
    let recorded = store.revocations_after(0).await.unwrap().remove(0);
    let Revoked::Actor { actor_id, except, issued_before, .. } = recorded.entry.revoked else { panic!("{recorded:?}") };
    assert_eq!((actor_id, except, issued_before), (ada.id.clone(), None, now.plus(701)));
    for number in 0..3 {
        assert_eq!(store.session(demo, session_id(number)).await.unwrap().unwrap().revoked, None);
    }
    // What was judged by what was known before is not stored any more.
    assert!(!store.insert_session(&setting.session(3).await).await.unwrap());
    assert_eq!(store.earliest_issue(demo, &ada).await.unwrap(), Some(now.plus(701)));
}

async fn a_mint_is_told_what_is_known_and_how_many_there_are(engine: Engine) {
    let setting = Setting::on(engine).await;
    let (store, demo, ada, now) = (&setting.store, &setting.demo, actor("user", "ada"), setting.now);
    let ask = async |limit| store.acquaintance(demo, &ada, now, limit).await.unwrap();
    assert_eq!(ask(100).await, Acquaintance::default());
    let end = setting.store_sessions(0..5).await[0].idle_expires_at;
    let bob = Session { actor: actor("user", "bob"), ..setting.session(9).await };
    assert!(store.insert_session(&bob).await.unwrap());
    let change =
        ChangeActor { tenant: demo, actor: &ada, roles: Some(roles(&["a"])), assurance: Some(3), at_once: false };
    store.change_actor(&change, now).await.unwrap();
    assert_eq!(ask(100).await, Acquaintance { roles: Some(roles(&["a"])), assurance: Some(3), live: 5 });
    assert_eq!(ask(3).await.live, 3, "no further than was asked");
    assert_eq!(store.count_live(demo, &ada, now).await.unwrap(), 5);
    assert_eq!(store.count_live(demo, &ada, end).await.unwrap(), 0);
    assert_eq!(store.acquaintance(demo, &ada, end, 100).await.unwrap().live, 0);
    let revoke = RevokeActor { tenant: demo, actor: &ada, except: None, reason: "admin".parse().unwrap() };
    store.revoke_actor(&revoke, now).await.unwrap();
    assert_eq!(ask(100).await.live, 0);
}
