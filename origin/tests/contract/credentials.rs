//! Service tokens and edges.

use sealgate_origin::credential::Scopes;
use sealgate_origin::store::{NewServiceToken, StoreError};
use sealgate_shared::id::{EdgeId, TenantId};
use sealgate_test_database::Engine;

use crate::setting::Setting;

on_both!(
    a_service_token_is_found_until_it_is_revoked,
    a_name_is_revoked_with_all_that_have_it,
    tokens_are_listed_by_tenant_and_age,
    an_edge_is_found_with_its_tenants_until_it_is_revoked,
    an_edge_is_made_as_a_whole_or_not_at_all,
    nobody_speaks_for_a_tenant_that_is_not_there,
);

fn token<'a>(public_id: &'a str, tenant: &'a TenantId, name: &'a str) -> NewServiceToken<'a> {
    let scopes: Scopes = "sessions:mint sessions:read".parse().unwrap();
    NewServiceToken { public_id, tenant: Some(tenant), name, secret_hash: [0xfe; 32], scopes }
}

async fn a_service_token_is_found_until_it_is_revoked(engine: Engine) {
    let setting = Setting::on(engine).await;
    let store = &setting.store;
    let new = token("AAAAAAAAAAA", &setting.other, "backend – ä");
    store.create_service_token(&new, setting.now).await.unwrap();
    let found = store.service_token("AAAAAAAAAAA").await.unwrap().unwrap();
    assert_eq!(found.tenant.as_ref(), Some(&setting.other));
    assert_eq!((found.secret_hash.as_slice(), found.scopes), ([0xfe; 32].as_slice(), new.scopes));
    assert!(store.service_token("AAAAAAAAAAB").await.unwrap().is_none());
    assert!(matches!(store.create_service_token(&new, setting.now).await, Err(StoreError::Exists)));

    let revoked = store.revoke_service_token("AAAAAAAAAAA", setting.now.plus(1)).await.unwrap().unwrap();
    assert_eq!((revoked.name.as_str(), revoked.revoked_at), ("backend – ä", Some(setting.now.plus(1))));
    assert!(store.service_token("AAAAAAAAAAA").await.unwrap().is_none());
    assert!(store.revoke_service_token("AAAAAAAAAAA", setting.now).await.unwrap().is_none());
    assert!(store.revoke_service_token("AAAAAAAAAAB", setting.now).await.unwrap().is_none());
}

async fn a_name_is_revoked_with_all_that_have_it(engine: Engine) {
    let setting = Setting::on(engine).await;
    for (id, tenant, name) in [
        ("AAAAAAAAAAA", &setting.demo, "backend"),
        ("AAAAAAAAAAB", &setting.demo, "backend"),
        ("AAAAAAAAAAC", &setting.demo, "support"),
        ("AAAAAAAAAAD", &setting.other, "backend"),
    ] {
        setting.store.create_service_token(&token(id, tenant, name), setting.now).await.unwrap();
    }
    let revoke = async || setting.store.revoke_service_tokens(&setting.demo, "backend", setting.now).await.unwrap();
    assert_eq!((revoke().await, revoke().await), (2, 0));
    for (id, there) in [("AAAAAAAAAAA", false), ("AAAAAAAAAAB", false), ("AAAAAAAAAAC", true), ("AAAAAAAAAAD", true)] {
        assert_eq!(setting.store.service_token(id).await.unwrap().is_some(), there, "{id}");
    }
}

async fn tokens_are_listed_by_tenant_and_age(engine: Engine) {
    let setting = Setting::on(engine).await;
    for (id, tenant, age) in
        [("B2345678901", &setting.other, 2), ("a2345678901", &setting.other, 2), ("Z2345678901", &setting.other, 1)]
    {
        setting.store.create_service_token(&token(id, tenant, id), setting.now.minus(age)).await.unwrap();
    }
    let list = async |tenant| {
        let listed = setting.store.list_service_tokens(tenant).await.unwrap();
        listed.into_iter().map(|token| (token.name, token.created_at)).collect::<Vec<_>>()
    };
    // By bytes, so capital letters first, whatever the database's language.
    let others = [("B2345678901", 2), ("a2345678901", 2), ("Z2345678901", 1)];
    let others = others.map(|(name, age)| (name.to_owned(), setting.now.minus(age)));
    assert_eq!(list(Some(&setting.other)).await, others);
    let all = list(None).await;
    assert_eq!((all[0].0.as_str(), &all[1..]), ("dev", others.as_slice()));
    assert!(list(Some(&"nobody".parse().unwrap())).await.is_empty());
}

async fn an_edge_is_found_with_its_tenants_until_it_is_revoked(engine: Engine) {
    let setting = Setting::on(engine).await;
    let id: EdgeId = "paris".parse().unwrap();
    let (secret, _) = setting.origin.create_edge("paris", &["other", "demo"]).await;
    let found = setting.store.edge(&id).await.unwrap().unwrap();
    assert_eq!(found.tenants, [setting.demo.clone(), setting.other.clone()]);
    assert_eq!(found.auth_hash.len(), 32);
    drop(secret);
    assert!(setting.store.edge(&"london".parse().unwrap()).await.unwrap().is_none());
    assert!(setting.store.revoke_edge(&id, setting.now).await.unwrap());
    assert!(!setting.store.revoke_edge(&id, setting.now).await.unwrap());
    assert!(setting.store.edge(&id).await.unwrap().is_none());
    let listed = setting.store.list_edges().await.unwrap();
    let listed: Vec<_> = listed.iter().map(|edge| (edge.id.as_str(), edge.tenants.len(), edge.revoked_at)).collect();
    assert_eq!(listed, [("dev", 2, None), ("paris", 2, Some(setting.now))]);
}

async fn an_edge_is_made_as_a_whole_or_not_at_all(engine: Engine) {
    let setting = Setting::on(engine).await;
    let before = setting.store.standing().await.unwrap();
    let (dev, demo) = ("dev".parse().unwrap(), [setting.demo.clone()]);
    let made = setting.origin.app.office().create_edge(&dev, &demo).await;
    assert!(made.is_err(), "there is one of that id");
    let found = setting.store.edge(&dev).await.unwrap().unwrap();
    assert_eq!(found.tenants.len(), 2);
    let after = setting.store.standing().await.unwrap();
    assert_eq!((after.keyring, after.credentials), (before.keyring, before.credentials));
}

async fn nobody_speaks_for_a_tenant_that_is_not_there(engine: Engine) {
    let setting = Setting::on(engine).await;
    let nobody = "nobody".parse().unwrap();
    let refused = setting.store.create_service_token(&token("AAAAAAAAAAA", &nobody, "backend"), setting.now).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "the store's own connections mind foreign keys");
    assert!(setting.store.service_token("AAAAAAAAAAA").await.unwrap().is_none());
}
