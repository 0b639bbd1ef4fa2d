//! Providers that the configuration file keeps.

use sealgate_origin::app::{App, StartError};
use sealgate_origin::clock::Clock;
use sealgate_origin::config::{Config, FileProvider};
use sealgate_origin::oidc::ProviderSettings;
use serde_json::json;

use super::{find, notes};
use crate::kit::{Ask, Origin};

fn provider(tenant: &str, id: &str, kind: &str) -> FileProvider {
    let usual = ProviderSettings::new("Login", "https://login.example".parse().unwrap(), "shop");
    FileProvider {
        tenant: tenant.parse().unwrap(),
        id: id.parse().unwrap(),
        settings: ProviderSettings { actor_type: kind.parse().unwrap(), ..usual },
        secret: Some("hunter2".parse().unwrap()),
        enabled: true,
    }
}

/// Starts the origin again with these providers in its file.
async fn restart(origin: &Origin, providers: &[FileProvider]) -> Result<App, StartError> {
    let config = Config { oidc: providers.to_vec(), ..origin.config.clone() };
    App::build(&config, Clock::from(origin.clock.clone())).await
}

async fn operator(origin: &Origin, method: &str, path: &str) -> Ask {
    origin.private(method, path).bearer(&origin.create_operator_token().await)
}

#[tokio::test]
async fn they_are_there_when_the_origin_has_started() {
    let origin = Origin::start_with(|config| config.oidc = vec![provider("demo", "login", "user")]).await;
    let found = find(&origin, "login").await.unwrap();
    assert!(found.managed_by_file && found.enabled);
    assert_eq!((found.settings.client_id.as_str(), found.secret.unwrap().expose()), ("shop", "hunter2"));
    assert_eq!(notes(&origin).await, ["provider.added login (by the file)"]);
    // Starting again changes nothing, and nothing is written down.
    restart(&origin, &origin.config.oidc).await.unwrap();
    assert_eq!(notes(&origin).await.len(), 1);

    let mut changed = origin.config.oidc.clone();
    changed[0].secret = Some("another".parse().unwrap());
    restart(&origin, &changed).await.unwrap();
    assert_eq!(find(&origin, "login").await.unwrap().secret.unwrap().expose(), "another");
    changed[0].settings.name = "Other".to_owned();
    changed[0].enabled = false;
    restart(&origin, &changed).await.unwrap();
    let found = find(&origin, "login").await.unwrap();
    assert_eq!((found.settings.name.as_str(), found.enabled), ("Other", false));
    assert_eq!(notes(&origin).await[1..], ["provider.changed login (by the file)"; 2]);
}

#[tokio::test]
async fn they_are_changed_in_the_file_alone() {
    let origin = Origin::start_with(|config| config.oidc = vec![provider("demo", "login", "user")]).await;
    let path = "/v1/tenants/demo/oidc/login";
    let body = json!({ "name": "Other", "issuer": "https://login.example", "client_id": "shop" });
    operator(&origin, "PUT", path).await.json(&body).refused(409, "managed_by_file").await;
    for (method, rest) in [("DELETE", ""), ("POST", "/disable"), ("POST", "/enable")] {
        let refused = operator(&origin, method, &format!("{path}{rest}")).await.refused(409, "managed_by_file").await;
        assert!(refused.text().contains("[[oidc]]"), "{}", refused.text());
    }
    let found = find(&origin, "login").await.unwrap();
    assert!(found.enabled && found.settings.name == "Login");
}

#[tokio::test]
async fn those_that_are_in_it_no_more_are_disabled_and_the_operators() {
    let origin = Origin::start_with(|config| {
        config.oidc = vec![provider("demo", "login", "user"), provider("demo", "staff", "staff")];
    })
    .await;
    restart(&origin, &origin.config.oidc[1..]).await.unwrap();
    let gone = find(&origin, "login").await.unwrap();
    assert!(!gone.enabled && !gone.managed_by_file);
    assert!(find(&origin, "staff").await.unwrap().enabled);
    assert_eq!(notes(&origin).await.last().unwrap(), "provider.disabled login (by the file)");
    let removed = operator(&origin, "DELETE", "/v1/tenants/demo/oidc/login").await.send().await;
    assert_eq!(removed.status, 204);
    // One that operators have added is none of the file's business.
    let body = json!({ "id": "login", "name": "Login", "issuer": "https://login.example", "client_id": "shop" });
    let added = operator(&origin, "POST", "/v1/tenants/demo/oidc").await.json(&body).send().await;
    assert_eq!(added.status, 201, "{}", added.text());
    restart(&origin, &origin.config.oidc[1..]).await.unwrap();
    assert!(find(&origin, "login").await.unwrap().enabled);
    // Named in the file from now on, it is the file's.
    restart(&origin, &origin.config.oidc).await.unwrap();
    assert!(find(&origin, "login").await.unwrap().managed_by_file);
}

#[tokio::test]
async fn a_file_that_cannot_be_carried_out_stops_the_start() {
    let origin = Origin::start().await;
    for (providers, expected) in [
        (vec![provider("nobody", "login", "user")], "there is no tenant nobody"),
        (
            vec![provider("demo", "one", "user"), provider("demo", "two", "user")],
            "the providers two and one could name the same people",
        ),
    ] {
        let error = restart(&origin, &providers).await.unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
    let mut nearby = provider("demo", "login", "user");
    nearby.settings.issuer = "https://127.0.0.1".parse().unwrap();
    let outbound = sealgate_origin::outbound::OutboundSettings::default();
    let config = Config { oidc: vec![nearby], outbound, ..origin.config.clone() };
    let error = App::build(&config, Clock::from(origin.clock.clone())).await.unwrap_err().to_string();
    let expected =
        "the provider login of tenant demo in the configuration file: issuer is not usable: 127.0.0.1 is this";
    assert!(error.starts_with(expected), "{error}");
}
