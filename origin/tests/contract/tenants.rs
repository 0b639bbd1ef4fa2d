//! Tenants: their hosts, and what ends with them.

use sealgate_origin::host_name::HostName;
use sealgate_origin::session::RevokedReason;
use sealgate_origin::store::{NewTenant, StoreError};
use sealgate_shared::revocation::Revoked;
use sealgate_test_database::Engine;

use crate::setting::{Setting, new_key};

on_both!(
    a_tenant_is_made_as_a_whole_or_not_at_all,
    a_disabled_tenant_loses_its_sessions_and_a_mark_says_so,
    a_deleted_tenant_is_gone_with_its_sessions_and_a_mark_says_so,
    hosts_are_replaced_as_a_whole,
    tenants_are_listed_by_bytes_page_by_page,
    nobody_signs_in_while_a_tenant_is_being_disabled,
);

async fn revocations(setting: &Setting) -> Vec<(u64, Revoked)> {
    let entries = setting.store.revocations_after(0).await.unwrap();
    entries.into_iter().map(|recorded| (recorded.sequence, recorded.entry.revoked)).collect()
}

fn mark_of_demo(setting: &Setting) -> Revoked {
    Revoked::Tenant { tenant: setting.demo.clone(), issued_before: setting.now.plus(1) }
}

fn hosts(names: &[&str]) -> Vec<HostName> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

async fn create(setting: &Setting, id: &str, number: u8, names: &[&str]) -> Result<(), StoreError> {
    let (id, hosts) = (id.parse().unwrap(), hosts(names));
    let (active, pending) = (new_key(number), new_key(number + 1));
    let tenant = NewTenant { id: &id, sealed_fingerprint_key: vec![1; 69], active, pending, hosts: &hosts };
    setting.store.create_tenant(&tenant, setting.now).await
}

async fn a_tenant_is_made_as_a_whole_or_not_at_all(engine: Engine) {
    let setting = Setting::on(engine).await;
    create(&setting, "shop", 1, &["shop.test", "www.shop.test"]).await.unwrap();
    let keys = setting.store.keys_of(&"shop".parse().unwrap()).await.unwrap();
    assert_eq!(keys.len(), 2);
    let before = setting.store.standing().await.unwrap();
    assert!(matches!(create(&setting, "shop", 3, &[]).await, Err(StoreError::Exists)));
    let taken = create(&setting, "mall", 5, &["mall.test", "shop.test"]).await;
    assert!(matches!(&taken, Err(StoreError::HostTaken(host)) if host.to_string() == "shop.test"), "{taken:?}");
    assert!(setting.store.tenant(&"mall".parse().unwrap()).await.unwrap().is_none());
    let after = setting.store.standing().await.unwrap();
    assert_eq!((after.keyring, after.credentials), (before.keyring, before.credentials));
    create(&setting, "mall", 5, &["mall.test"]).await.unwrap();
}

async fn a_disabled_tenant_loses_its_sessions_and_a_mark_says_so(engine: Engine) {
    let setting = Setting::on(engine).await;
    let stored = setting.store_sessions(0..3).await;
    let disable = async || setting.store.disable_tenant(&setting.demo, setting.now).await.unwrap();
    assert_eq!((disable().await, disable().await), (Some(3), None));
    for session in &stored {
        let found = setting.store.session(&setting.demo, session.id).await.unwrap().unwrap();
        assert_eq!(found.revoked.unwrap().reason, RevokedReason::Admin);
    }
    assert_eq!(revocations(&setting).await, [(1, mark_of_demo(&setting))]);
    assert!(setting.store.tenant(&setting.demo).await.unwrap().unwrap().disabled);
    let mut again = setting.session(9).await;
    again.issued_at = setting.now.plus(1);
    assert!(!setting.store.insert_session(&again).await.unwrap());
    assert!(setting.store.enable_tenant(&setting.demo, setting.now).await.unwrap());
    assert!(!setting.store.enable_tenant(&setting.demo, setting.now).await.unwrap());
    assert!(setting.store.insert_session(&again).await.unwrap());
    let found = setting.store.session(&setting.demo, stored[0].id).await.unwrap().unwrap();
    assert!(found.revoked.is_some(), "what ended stays ended");
}

async fn a_deleted_tenant_is_gone_with_its_sessions_and_a_mark_says_so(engine: Engine) {
    let setting = Setting::on(engine).await;
    let stored = setting.store_sessions(0..3).await;
    setting.rotate(1).await;
    let delete = async || setting.store.delete_tenant(&setting.demo, setting.now).await.unwrap();
    let gone = delete().await.unwrap();
    assert_eq!((gone.sessions, gone.keys, gone.tokens), (3, 3, 1));
    assert!(delete().await.is_none());
    assert!(setting.store.session_facts(stored[0].id).await.unwrap().is_none());
    assert_eq!(revocations(&setting).await, [(1, mark_of_demo(&setting))]);
    assert_eq!(setting.store.keys_of(&setting.other).await.unwrap().len(), 2);
}

async fn hosts_are_replaced_as_a_whole(engine: Engine) {
    let setting = Setting::on(engine).await;
    let known = async |host: &str| setting.store.site(&setting.demo, host).await.unwrap().unwrap().host_known;
    assert!(known("any.test").await, "without hosts of its own it answers to all");
    assert!(setting.store.replace_hosts(&setting.demo, &hosts(&["a.test", "b.test"]), setting.now).await.unwrap());
    assert_eq!((known("a.test").await, known("b.test").await, known("any.test").await), (true, true, false));
    assert!(setting.store.replace_hosts(&setting.other, &hosts(&["c.test"]), setting.now).await.unwrap());
    let taken = setting.store.replace_hosts(&setting.demo, &hosts(&["d.test", "c.test"]), setting.now).await;
    assert!(matches!(taken, Err(StoreError::HostTaken(_))), "{taken:?}");
    assert_eq!((known("a.test").await, known("d.test").await), (true, false), "nothing has changed");
    assert!(setting.store.replace_hosts(&setting.demo, &[], setting.now).await.unwrap());
    assert!(known("any.test").await);
    assert!(!setting.store.replace_hosts(&"nobody".parse().unwrap(), &[], setting.now).await.unwrap());
}

async fn tenants_are_listed_by_bytes_page_by_page(engine: Engine) {
    let setting = Setting::on(engine).await;
    for (id, number) in [("a-b", 1), ("ab", 3), ("a0", 5)] {
        create(&setting, id, number, &[&format!("{id}.test")]).await.unwrap();
    }
    setting.store_sessions(0..2).await;
    let mut listed = Vec::new();
    loop {
        let page = setting.store.page_tenants(listed.last(), 2, setting.now).await.unwrap();
        if page.is_empty() {
            break;
        }
        for tenant in page {
            assert_eq!(tenant.live_sessions, if tenant.id == setting.demo { 2 } else { 0 }, "{}", tenant.id);
            let expected = hosts(&[&format!("{}.test", tenant.id)]);
            let has_hosts = ![&setting.demo, &setting.other].contains(&&tenant.id);
            assert_eq!(tenant.hosts, if has_hosts { expected } else { Vec::new() });
            listed.push(tenant.id);
        }
    }
    let listed: Vec<&str> = listed.iter().map(sealgate_shared::id::TenantId::as_str).collect();
    assert_eq!(listed, ["a-b", "a0", "ab", "demo", "other"]);
}

async fn nobody_signs_in_while_a_tenant_is_being_disabled(engine: Engine) {
    let setting = Setting::on(engine).await;
    // With connections of its own: among ours it would wait its turn.
    let another = setting.origin.start_another().await;
    let mut sessions = Vec::new();
    for number in 0..60 {
        sessions.push(setting.session(number).await);
    }
    let mut storing = Vec::new();
    for session in sessions {
        let store = setting.store.clone();
        storing.push(tokio::spawn(async move { store.insert_session(&session).await.unwrap() }));
    }
    another.office().store().disable_tenant(&setting.demo, setting.now).await.unwrap().unwrap();
    for one in storing {
        one.await.unwrap();
    }
    let live = setting.database.number("select count(*) from sessions where revoked_at is null").await;
    assert_eq!(live, 0, "each was stored before, and ended, or was not stored");
}
