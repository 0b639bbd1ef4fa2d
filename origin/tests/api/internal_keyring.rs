//! `GET /internal/keyring`.

use sealgate_shared::id::{EdgeId, TenantId};
use sealgate_shared::keyring::{KeyMaterial, KeyringDocument};

use crate::kit::{Answer, Origin};

async fn get(origin: &Origin) -> Answer {
    let answer = origin.internal("GET", "/internal/keyring").send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer
}

/// The ring of the edge `dev`, opened with its secret.
pub(crate) async fn open_ring(origin: &Origin) -> KeyringDocument {
    let edge: EdgeId = "dev".parse().unwrap();
    KeyringDocument::open(&get(origin).await.body, &edge, &origin.edge_secret()).unwrap()
}

#[tokio::test]
async fn the_ring_holds_the_active_and_the_pending_key_of_each_tenant() {
    let origin = Origin::start().await;
    let document = open_ring(&origin).await;
    let of = |tenant: &str| document.keys.iter().filter(|key| key.tenant.as_str() == tenant).count();
    assert_eq!((of("demo"), of("other"), document.keys.len()), (2, 2, 4));
    assert_eq!(document.max_lifetime_ms, 15 * 60 * 1_000);
}

#[tokio::test]
async fn it_is_fetched_by_version() {
    let origin = Origin::start().await;
    let first = get(&origin).await;
    assert_eq!(first.headers["content-type"], "application/octet-stream");
    let tag = first.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(tag, format!("\"{}\"", open_ring(&origin).await.version));
    for held in [tag.as_str(), &format!("W/{tag}"), &format!("\"0\", {tag}")] {
        let answer = origin.internal("GET", "/internal/keyring").header("if-none-match", held).send().await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (304, 0), "{held}");
        assert_eq!(answer.headers["etag"], tag.as_str());
    }
    let demo: TenantId = "demo".parse().unwrap();
    origin.app.office().rotate(&demo).await.unwrap();
    let answer = origin.internal("GET", "/internal/keyring").header("if-none-match", &tag).send().await;
    assert_eq!(answer.status, 200);
    assert_ne!(answer.headers["etag"], tag.as_str());
    assert_eq!(open_ring(&origin).await.keys.len(), 5);
}

#[tokio::test]
async fn an_edge_gets_the_keys_of_its_tenants_sealed_to_itself() {
    let origin = Origin::start().await;
    let (secret, credential) = origin.create_edge("narrow", &["other"]).await;
    let narrow: EdgeId = "narrow".parse().unwrap();
    let answer = origin.private("GET", "/internal/keyring").header("x-sealgate-edge", &credential).send().await;
    let document = KeyringDocument::open(&answer.body, &narrow, &secret).unwrap();
    assert!(document.keys.iter().all(|key| key.tenant.as_str() == "other"));
    assert_eq!(document.keys.len(), 2);
    let dev: EdgeId = "dev".parse().unwrap();
    assert!(KeyringDocument::open(&answer.body, &dev, &origin.edge_secret()).is_err());
    assert!(KeyringDocument::open(&get(&origin).await.body, &narrow, &secret).is_err());
}

#[tokio::test]
async fn what_leaves_is_ciphertext_and_never_the_same_twice() {
    let origin = Origin::start().await;
    let (one, two) = (get(&origin).await.body, get(&origin).await.body);
    assert_ne!(one, two);
    for key in open_ring(&origin).await.keys {
        let KeyMaterial::Verifying(tokens, sessions) = &key.material else { panic!("{key:?}") };
        for secret in [&tokens.access, &tokens.bearer, &sessions.csrf, &sessions.refresh_filter] {
            assert!(!one.windows(32).any(|window| window == secret.expose()));
        }
    }
    assert!(!one.windows(4).any(|window| window == b"demo"));
}
