//! A provider's secret at rest.

use sealgate_origin::app::App;
use sealgate_origin::clock::Clock;
use sealgate_origin::config::{Config, KekSource};
use sealgate_origin::vault::read_kek_id;
use serde_json::json;

use super::super::reseal::keks;
use super::super::tenants::Operator;
use super::{add, find, login, with};
use crate::kit::Origin;

const SECRET: &str = "hunter2 hunter2";

#[tokio::test]
async fn it_is_stored_sealed_and_to_its_own_row() {
    let operator = Operator::start().await;
    for id in ["login", "second"] {
        let body = with(json!({ "id": id, "actor_type": format!("of-{id}") }));
        assert_eq!(add(&operator, &body).send().await.status, 201);
    }
    let database = operator.origin.database().await;
    let stored = database.everything().await;
    assert!(!stored.windows(SECRET.len()).any(|window| window == SECRET.as_bytes()));
    // One that is moved to another row opens there no more.
    let sql = "update oidc_providers set sealed_secret = (select sealed_secret from oidc_providers where id = 'second') \
        where id = 'login'";
    assert_eq!(database.execute(sql).await, Ok(1));
    operator.ask("GET", "/v1/tenants/demo/oidc/login").refused(500, "internal").await;
    assert!(find(&operator.origin, "second").await.is_some());
    let found = operator.origin.app.office().try_every_secret().await.unwrap();
    assert_eq!(found.failures.len(), 1, "{found:?}");
    assert!(found.failures[0].to_string().contains("oidc_providers.sealed_secret of demo/login"), "{found:?}");
}

#[tokio::test]
async fn it_moves_to_another_key_encryption_key() {
    let origin = Origin::start_with(|config| config.kek = KekSource::Given(keks(&[1]))).await;
    let token = origin.create_operator_token().await;
    let added = origin.private("POST", "/v1/tenants/demo/oidc").bearer(&token).json(&login()).send().await;
    assert_eq!(added.status, 201, "{}", added.text());
    let sealed = async || {
        let rows: Vec<(Vec<u8>,)> =
            origin.database().await.rows("select sealed_secret from oidc_providers where id = 'login'").await;
        read_kek_id(&rows[0].0).unwrap().to_string()
    };
    assert_eq!(sealed().await, keks(&[1]).to_string());
    let build = |bytes: &[u8]| {
        let config = Config { kek: KekSource::Given(keks(bytes)), ..origin.config.clone() };
        let clock = Clock::from(origin.clock.clone());
        async move { App::build(&config, clock).await }
    };
    let both = build(&[2, 1]).await.unwrap();
    assert_eq!(both.office().reseal(false).await.unwrap().failed, 0);
    assert_eq!(sealed().await, keks(&[2]).to_string());
    let app = build(&[2]).await.unwrap();
    let (tenant, id) = ("demo".parse().unwrap(), "login".parse().unwrap());
    let provider = app.office().oidc_provider(&tenant, &id).await.unwrap().unwrap();
    assert_eq!(provider.secret.unwrap().expose(), SECRET);
    // A key that only a provider's secret is under is missed at the start.
    let database = origin.database().await;
    let add = "update oidc_providers set sealed_secret = (select sealed_secret from oidc_providers limit 1)";
    assert_eq!(database.execute(add).await, Ok(1));
    assert!(build(&[1]).await.is_err());
}
