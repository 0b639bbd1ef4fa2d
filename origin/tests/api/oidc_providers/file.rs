//! Providers that the configuration file keeps.

use sealgate_origin::app::{App, StartError};
use sealgate_origin::clock::Clock;
use sealgate_origin::config::{Config, FileProvider, FileSecret};
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
        secret: secret("hunter2"),
        enabled: true,
        file: "sealgate.toml".to_owned(),
    }
}

fn secret(text: &str) -> FileSecret {
    FileSecret::Variable("SECRET".to_owned(), Some(text.parse()))
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
    changed[0].secret = secret("another");
    restart(&origin, &changed).await.unwrap();
    assert_eq!(find(&origin, "login").await.unwrap().secret.unwrap().expose(), "another");
    changed[0].settings.name = "Other".to_owned();
    changed[0].enabled = false;
    restart(&origin, &changed).await.unwrap();
    let found = find(&origin, "login").await.unwrap();
    assert_eq!((found.settings.name.as_str(), found.enabled), ("Other", false));
    let expected =
        ["provider.changed login: client_secret (by the file)", "provider.changed login: name, enabled (by the file)"];
    assert_eq!(notes(&origin).await[1..], expected);
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
    add_login(&origin).await;
    restart(&origin, &origin.config.oidc[1..]).await.unwrap();
    assert!(find(&origin, "login").await.unwrap().enabled);
}

async fn add_login(origin: &Origin) {
    let body = json!({ "id": "login", "name": "By hand", "issuer": "https://login.example", "client_id": "shop",
        "client_secret": "by hand" });
    let added = operator(origin, "POST", "/v1/tenants/demo/oidc").await.json(&body).send().await;
    assert_eq!(added.status, 201, "{}", added.text());
}

#[tokio::test]
async fn one_that_an_operator_added_is_taken_over_when_it_is_disabled_and_not_before() {
    let origin = Origin::start().await;
    add_login(&origin).await;
    let file = [provider("demo", "login", "user")];
    let error = restart(&origin, &file).await.unwrap_err().to_string();
    assert!(
        error.starts_with("[[oidc]] login of tenant demo in sealgate.toml: an operator added a provider of this id")
            && error.contains("`sealgate oidc disable --tenant demo login`"),
        "{error}"
    );
    let held = find(&origin, "login").await.unwrap();
    assert_eq!((held.settings.name.as_str(), held.secret.unwrap().expose()), ("By hand", "by hand"));
    operator(&origin, "POST", "/v1/tenants/demo/oidc/login/disable").await.send().await;
    restart(&origin, &file).await.unwrap();
    let held = find(&origin, "login").await.unwrap();
    assert!(held.managed_by_file && held.enabled);
    assert_eq!((held.settings.name.as_str(), held.secret.unwrap().expose()), ("Login", "hunter2"));
    let expected = "provider.changed login: name, client_secret, enabled, managed_by_file (by the file)";
    assert_eq!(notes(&origin).await.last().unwrap(), expected);
    // One that was in the file before is the file's again.
    restart(&origin, &[]).await.unwrap();
    assert!(!find(&origin, "login").await.unwrap().managed_by_file);
    restart(&origin, &file).await.unwrap();
    assert!(find(&origin, "login").await.unwrap().managed_by_file);
    let expected = "provider.changed login: enabled, managed_by_file (by the file)";
    assert_eq!(notes(&origin).await.last().unwrap(), expected);
}

#[tokio::test]
async fn an_id_may_be_another_from_one_start_to_the_next() {
    let origin = Origin::start_with(|config| config.oidc = vec![provider("demo", "login", "user")]).await;
    restart(&origin, &[provider("demo", "renamed", "user")]).await.unwrap();
    assert!(!find(&origin, "login").await.unwrap().enabled);
    assert!(find(&origin, "renamed").await.unwrap().enabled);
    assert_eq!(
        notes(&origin).await[1..],
        ["provider.disabled login (by the file)", "provider.added renamed (by the file)"]
    );
    // And back: the one that was released is in nobody's way.
    restart(&origin, &[provider("demo", "login", "user")]).await.unwrap();
    assert!(find(&origin, "login").await.unwrap().enabled && !find(&origin, "renamed").await.unwrap().enabled);
}

#[tokio::test]
async fn those_that_are_disabled_overlap_nobody() {
    let off = FileProvider { enabled: false, ..provider("demo", "two", "user") };
    let origin = Origin::start_with(|config| config.oidc = vec![provider("demo", "one", "user"), off]).await;
    assert!(find(&origin, "one").await.unwrap().enabled && !find(&origin, "two").await.unwrap().enabled);
    let (mut one, two) = (provider("demo", "one", "user"), provider("demo", "two", "user"));
    assert!(restart(&origin, &[one.clone(), two.clone()]).await.is_err());
    one.enabled = false;
    restart(&origin, &[one, two]).await.unwrap();
    assert!(!find(&origin, "one").await.unwrap().enabled && find(&origin, "two").await.unwrap().enabled);
}

#[tokio::test]
async fn a_file_that_cannot_be_carried_out_stops_the_start_and_changes_nothing() {
    let origin = Origin::start_with(|config| config.oidc = vec![provider("demo", "before", "before")]).await;
    let unset = FileSecret::Variable("SECRET".to_owned(), None);
    let mut plain = provider("demo", "login", "user");
    plain.settings.issuer = "http://login.example".parse().unwrap();
    for (wrong, expected) in [
        (provider("nobody", "login", "user"), "login of tenant nobody in sealgate.toml: there is no tenant nobody"),
        (provider("demo", "two", "user"), "two of tenant demo in sealgate.toml: it and one, which is enabled too"),
        (
            FileProvider { secret: unset, ..provider("demo", "two", "staff") },
            "two of tenant demo in sealgate.toml: client_secret_env names SECRET, which is not set",
        ),
        (plain, "login of tenant demo in sealgate.toml: issuer is not usable: the address must begin with https:"),
    ] {
        let outbound = sealgate_origin::outbound::OutboundSettings::default();
        let providers = vec![provider("demo", "one", "user"), provider("other", "one", "user"), wrong];
        let config = Config { oidc: providers, outbound, ..origin.config.clone() };
        let error = App::build(&config, Clock::from(origin.clock.clone())).await.unwrap_err();
        assert!(matches!(error, StartError::Config(_)), "{error:?}");
        let error = error.to_string();
        assert!(error.starts_with(&format!("[[oidc]] {expected}")), "{error}");
        assert_eq!(notes(&origin).await, ["provider.added before (by the file)"]);
        assert!(find(&origin, "one").await.is_none() && find(&origin, "before").await.unwrap().enabled);
    }
}

#[tokio::test]
async fn one_that_operators_added_may_be_in_the_way_of_the_files() {
    let origin = Origin::start().await;
    add_login(&origin).await;
    let error = restart(&origin, &[provider("demo", "second", "user")]).await.unwrap_err().to_string();
    assert!(error.contains("it and login, which is enabled too, could name the same people"), "{error}");
    operator(&origin, "POST", "/v1/tenants/demo/oidc/login/disable").await.send().await;
    restart(&origin, &[provider("demo", "second", "user")]).await.unwrap();
    operator(&origin, "POST", "/v1/tenants/demo/oidc/login/enable").await.refused(409, "actors_overlap").await;
}
