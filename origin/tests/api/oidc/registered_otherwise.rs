//! Providers that want things in another way than most.

use sealgate_origin::oidc::AuthMethod;
use sealgate_test_provider::{CLIENT_ID, Endpoint};
use serde_json::json;

use super::site::{Site, went_to};

#[tokio::test]
async fn the_secret_is_shown_as_the_client_is_registered() {
    use AuthMethod::{ClientSecretBasic, ClientSecretPost};
    for (offered, registered, in_header) in [
        (json!(["client_secret_basic", "client_secret_post"]), None, true),
        (json!(["client_secret_basic", "client_secret_post"]), Some(ClientSecretPost), false),
        (json!(["client_secret_post"]), None, false),
        (json!(["client_secret_post"]), Some(ClientSecretBasic), true),
    ] {
        let site = Site::start_with(|settings| settings.token_endpoint_auth_method = registered).await;
        let methods = json!({ "token_endpoint_auth_methods_supported": offered });
        site.provider.plan(|plan| plan.discovery = methods);
        went_to(&site.sign_in("").await, "/");
        let asked = site.provider.asked();
        let token = asked.iter().find(|asked| asked.endpoint == Endpoint::Token).unwrap();
        assert_eq!(token.header("authorization").is_some(), in_header, "{offered} {registered:?}");
        assert_eq!(token.field("client_secret").is_none(), in_header, "{offered} {registered:?}");
    }
}

#[tokio::test]
async fn a_token_may_be_for_others_who_are_trusted() {
    let site = Site::start_with(|settings| settings.trusted_audiences = vec!["project".to_owned()]).await;
    for (claims, reason) in [
        (json!({ "aud": [CLIENT_ID, "project"], "azp": CLIENT_ID }), None),
        (json!({ "aud": ["project", CLIENT_ID], "azp": CLIENT_ID }), None),
        (json!({ "aud": CLIENT_ID }), None),
        (json!({ "aud": [CLIENT_ID, "project"] }), Some("authorized_party")),
        (json!({ "aud": [CLIENT_ID, "project"], "azp": "project" }), Some("authorized_party")),
        (json!({ "aud": [CLIENT_ID, "stranger"], "azp": CLIENT_ID }), Some("audience")),
        (json!({ "aud": ["project"], "azp": CLIENT_ID }), Some("audience")),
        (json!({ "aud": "project", "azp": CLIENT_ID }), Some("audience")),
    ] {
        let before = site.failures().await.len();
        site.provider.plan(|plan| plan.claims = claims.clone());
        let is_in = site.sign_in("").await.status == 303;
        let failures = site.failures().await;
        let told: Vec<&str> = failures[before..].iter().map(|line| line.rsplit(' ').next().unwrap()).collect();
        assert_eq!((is_in, told), (reason.is_none(), Vec::from_iter(reason)), "{claims}");
    }
}
