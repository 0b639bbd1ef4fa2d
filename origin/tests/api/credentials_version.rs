//! The version of what is known of callers: moves with every change to it, so that it may be remembered meanwhile.

use sealgate_shared::id::{EdgeId, TenantId};

use crate::kit::Origin;

#[tokio::test]
async fn it_moves_with_every_change_to_tokens_edges_and_tenants() {
    let origin = Origin::start().await;
    let (office, store, now) = (origin.app.office(), origin.app.office().store(), origin.app.office().now());
    let (edge, shop): (EdgeId, TenantId) = ("frankfurt".parse().unwrap(), "shop".parse().unwrap());
    let database = origin.database().await;
    let mut before = 0;
    let mut moved = async |change: &str| {
        let version = database.number("select value from counters where name = 'credentials'").await;
        assert!(version > before, "{change}");
        before = version;
    };
    moved("development was seeded").await;
    office.create_tenant(&shop, &[]).await.unwrap();
    moved("a tenant was made").await;
    office.replace_hosts(&shop, &["shop.example".parse().unwrap()]).await.unwrap();
    moved("its hosts were replaced").await;
    let token = origin.create_token("shop", "sessions:read").await;
    moved("a token was made").await;
    store.revoke_service_token(&token[4..15], now).await.unwrap().unwrap();
    moved("it was revoked").await;
    origin.create_token("shop", "sessions:read").await;
    moved("a token was made").await;
    assert_eq!(store.revoke_service_tokens(&shop, "test", now).await.unwrap(), 1);
    moved("it was revoked by name").await;
    origin.create_operator_token().await;
    moved("an operator's token was made").await;
    office.create_edge(&edge, std::slice::from_ref(&shop)).await.unwrap();
    moved("an edge was made").await;
    assert!(store.serve_tenant(&edge, &"demo".parse().unwrap(), now).await.unwrap());
    moved("it serves another tenant").await;
    office.rotate_edge(&edge).await.unwrap();
    moved("it has two secrets").await;
    office.cancel_edge_rotation(&edge).await.unwrap();
    moved("it has one secret").await;
    office.rotate_edge(&edge).await.unwrap();
    moved("it has two secrets again").await;
    office.finish_edge_rotation(&edge).await.unwrap();
    moved("it has the other one").await;
    assert!(store.revoke_edge(&edge, now).await.unwrap());
    moved("it was revoked").await;
    office.disable_tenant(&shop).await.unwrap().unwrap();
    moved("the tenant was disabled").await;
    assert!(office.enable_tenant(&shop).await.unwrap());
    moved("it was enabled").await;
    office.delete_tenant(&shop).await.unwrap();
    moved("it was deleted").await;
}
