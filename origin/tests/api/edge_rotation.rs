//! Changing an edge's secret while it goes on working: for a while two are accepted.

use sealgate_shared::edge::EdgeSecret;
use sealgate_shared::id::EdgeId;
use sealgate_shared::keyring::KeyringDocument;

use crate::kit::Origin;

fn dev() -> EdgeId {
    "dev".parse().unwrap()
}

/// Whether the edge with this secret is served: by the private listener, which seals to this very secret, and by the
/// public one.
async fn works(origin: &Origin, secret: &EdgeSecret) -> bool {
    let credential = secret.credential(&dev());
    let ring = origin.private("GET", "/internal/keyring").header("x-sealgate-edge", &credential).send().await;
    let page = origin.browser("GET", "/auth/login").header("x-sealgate-edge", &credential).send().await;
    if ring.status != 200 {
        assert_eq!((ring.status.as_u16(), page.status.as_u16()), (401, 401));
        return false;
    }
    assert_eq!(page.status, 200);
    assert_eq!(KeyringDocument::open(&ring.body, &dev(), secret).unwrap().keys.len(), 4);
    true
}

#[tokio::test]
async fn both_secrets_are_accepted_until_the_new_one_is_the_only_one() {
    let origin = Origin::start().await;
    let office = origin.app.office();
    let old = origin.edge_secret();
    let new = EdgeSecret::new(office.rotate_edge(&dev()).await.unwrap());
    assert!(works(&origin, &old).await && works(&origin, &new).await);
    office.rotate_edge(&dev()).await.unwrap_err();
    assert!(works(&origin, &old).await && works(&origin, &new).await, "a second start changed nothing");

    office.finish_edge_rotation(&dev()).await.unwrap();
    assert!(!works(&origin, &old).await && works(&origin, &new).await);
    office.finish_edge_rotation(&dev()).await.unwrap_err();
    office.cancel_edge_rotation(&dev()).await.unwrap_err();
    assert!(!works(&origin, &old).await && works(&origin, &new).await);

    // And around again.
    let third = EdgeSecret::new(office.rotate_edge(&dev()).await.unwrap());
    assert!(works(&origin, &new).await && works(&origin, &third).await && !works(&origin, &old).await);
}

#[tokio::test]
async fn a_rotation_can_be_called_off() {
    let origin = Origin::start().await;
    let office = origin.app.office();
    let new = EdgeSecret::new(office.rotate_edge(&dev()).await.unwrap());
    assert!(works(&origin, &new).await);
    office.cancel_edge_rotation(&dev()).await.unwrap();
    assert!(works(&origin, &origin.edge_secret()).await && !works(&origin, &new).await);
    office.cancel_edge_rotation(&dev()).await.unwrap_err();
    office.finish_edge_rotation(&dev()).await.unwrap_err();
    assert!(works(&origin, &origin.edge_secret()).await);
}

#[tokio::test]
async fn revoking_an_edge_takes_both() {
    let origin = Origin::start().await;
    let office = origin.app.office();
    let new = EdgeSecret::new(office.rotate_edge(&dev()).await.unwrap());
    assert!(office.store().revoke_edge(&dev(), office.now()).await.unwrap());
    assert!(!works(&origin, &origin.edge_secret()).await && !works(&origin, &new).await);
    office.finish_edge_rotation(&dev()).await.unwrap_err();
    assert!(!works(&origin, &new).await);

    origin.create_edge("narrow", &["demo"]).await;
    let narrow: EdgeId = "narrow".parse().unwrap();
    assert!(office.store().revoke_edge(&narrow, office.now()).await.unwrap());
    let refused = office.rotate_edge(&narrow).await.unwrap_err();
    assert_eq!(refused.to_string(), "there is no edge narrow");
}

#[tokio::test]
async fn a_cached_ring_is_not_taken_for_the_one_sealed_to_another_secret() {
    let origin = Origin::start().await;
    let tag = async || origin.internal("GET", "/internal/keyring").send().await.headers["etag"].clone();
    let before = tag().await;
    origin.app.office().rotate_edge(&dev()).await.unwrap();
    let between = tag().await;
    assert_ne!(before, between);
    origin.app.office().cancel_edge_rotation(&dev()).await.unwrap();
    assert_ne!(tag().await, between);
}
