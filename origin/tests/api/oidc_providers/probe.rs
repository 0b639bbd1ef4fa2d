//! `POST /v1/tenants/{id}/oidc/{provider}/test`: what is wrong with a provider, in words.

use std::time::Duration;

use sealgate_origin::oidc::ProviderSettings;
use sealgate_origin::outbound::OutboundSettings;
use sealgate_origin::store::ProviderChange;
use sealgate_test_provider::{Endpoint, Key, Plan, Provider, Reply};
use serde_json::{Value, json};

use super::super::back_channel::{register, start_provider};
use crate::kit::Origin;

async fn test(origin: &Origin, id: &str) -> Value {
    let token = origin.create_operator_token().await;
    let answer = origin.private("POST", &format!("/v1/tenants/demo/oidc/{id}/test")).bearer(&token).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// The findings of that verdict, as `check: message`.
fn findings(tested: &Value, verdict: &str) -> Vec<String> {
    let all = tested["findings"].as_array().unwrap().iter();
    let text =
        |finding: &Value| format!("{}: {}", finding["check"].as_str().unwrap(), finding["message"].as_str().unwrap());
    all.filter(|finding| finding["verdict"] == verdict).map(text).collect()
}

async fn start() -> (Origin, Provider) {
    let origin = Origin::start().await;
    let provider = start_provider(&origin).await;
    register(&origin, "demo", "login", &provider.issuer()).await;
    (origin, provider)
}

#[tokio::test]
async fn a_provider_in_order_is_said_to_be() {
    let (origin, provider) = start().await;
    provider.plan(|plan| {
        plan.discovery = json!({
            "code_challenge_methods_supported": ["plain", "S256"], "scopes_supported": ["openid"],
            "backchannel_logout_supported": true, "backchannel_logout_session_supported": true,
        });
    });
    let tested = test(&origin, "login").await;
    assert_eq!((&tested["usable"], findings(&tested, "bad")), (&json!(true), vec![]), "{tested}");
    assert_eq!(findings(&tested, "notice"), Vec::<String>::new(), "{tested}");
    let checks: Vec<String> = findings(&tested, "ok");
    let checks: Vec<&str> = checks.iter().map(|check| check.split(':').next().unwrap()).collect();
    assert_eq!(
        checks,
        ["discovery", "keys", "algorithms", "flow", "pkce", "client_authentication", "scopes", "back_channel_logout"]
    );
    // It is asked each time.
    test(&origin, "login").await;
    assert_eq!((provider.count(Endpoint::Discovery), provider.count(Endpoint::Keys)), (2, 2));
    assert_eq!(provider.count(Endpoint::Token), 0, "nothing is asked in the client's name");
}

#[tokio::test]
async fn what_is_wrong_is_said_in_plain_words() {
    type Fault = (fn(&mut Plan), &'static str);
    let faults: &[Fault] = &[
        (
            |plan| plan.reply(Endpoint::Discovery, Reply::json(404, &json!({}))),
            "discovery: /.well-known/openid-configuration \
         answers with the status 404: is the issuer written as the provider writes it, with its path?",
        ),
        (
            |plan| plan.reply(Endpoint::Discovery, Reply::Redirect(301, "https://login.example".to_owned())),
            "answers with \
         the status 301, which sends us elsewhere",
        ),
        (
            |plan| plan.reply(Endpoint::Discovery, Reply::Text(200, "text/html", "<html>".to_owned())),
            "is no JSON object",
        ),
        (|plan| plan.reply(Endpoint::Discovery, Reply::Endless), "cannot be read: the answer is larger than 256 kB"),
        (
            |plan| plan.discovery = json!({ "issuer": "https://other.example" }),
            "says that its issuer is \
         \"https://other.example\", not \"http://127.0.0.1:",
        ),
        (|plan| plan.discovery = json!({ "token_endpoint": null }), "names no token endpoint"),
        (|plan| plan.discovery = json!({ "jwks_uri": "ftp://login.example" }), "names a jwks_uri that is not used"),
        (|plan| plan.reply(Endpoint::Keys, Reply::json(500, &json!({}))), "keys: /"),
        (|plan| plan.reply(Endpoint::Keys, Reply::json(200, &json!([]))), "is not a set of keys"),
        (|plan| plan.key_set = Some(json!({ "keys": [] })), "keys: there is no key that could verify a signature"),
        (|plan| plan.key_set = Some(json!({ "keys": [{ "kty": "oct", "k": "c2VjcmV0" }] })), "keys: there is no key"),
        (
            |plan| plan.discovery = json!({ "id_token_signing_alg_values_supported": ["HS256", "none"] }),
            "algorithms: ID \
         tokens are signed by none of RS256",
        ),
        (
            |plan| plan.discovery = json!({ "response_types_supported": ["id_token", "code id_token"] }),
            "flow: the \
         authorization code flow is not among",
        ),
        (
            |plan| plan.discovery = json!({ "authorization_endpoint": "ftp://login.example" }),
            "names an authorization_endpoint that is not used",
        ),
        (
            |plan| plan.discovery = json!({ "token_endpoint_auth_methods_supported": ["private_key_jwt", "none"] }),
            "client_authentication: token_endpoint_auth_methods_supported has neither client_secret_basic nor",
        ),
        (
            |plan| plan.discovery = json!({ "code_challenge_methods_supported": ["plain"] }),
            "pkce: PKCE is there, but not \
         with S256",
        ),
    ];
    let (origin, provider) = start().await;
    for (fault, expected) in faults {
        provider.behave();
        provider.plan(*fault);
        let tested = test(&origin, "login").await;
        let bad = findings(&tested, "bad");
        let plain: Vec<String> = bad.iter().map(|message| message.replace(&provider.issuer(), "")).collect();
        let said = plain.iter().chain(&bad).any(|message| message.contains(expected));
        assert!(said && tested["usable"] == false, "{expected}: {tested}");
    }
    // What keeps nobody out.
    provider.behave();
    provider.plan(|plan| {
        plan.published = vec![Key::Rsa, Key::P256];
        plan.discovery = json!({ "code_challenge_methods_supported": null, "scopes_supported": ["email"] });
    });
    let tested = test(&origin, "login").await;
    assert_eq!(tested["usable"], true, "{tested}");
    let notices = findings(&tested, "notice");
    assert!(notices.iter().any(|notice| notice.starts_with("pkce: nothing is said of PKCE")), "{notices:?}");
    assert!(notices.contains(&"scopes: not among scopes_supported: openid".to_owned()), "{notices:?}");
    assert!(findings(&tested, "ok").contains(&"keys: there are 2 keys".to_owned()), "{tested}");
}

#[tokio::test]
async fn of_the_issuer_is_spoken_where_it_is_in_question() {
    let (origin, provider) = start().await;
    provider.plan(|plan| plan.reply(Endpoint::Keys, Reply::json(404, &json!({}))));
    let bad = findings(&test(&origin, "login").await, "bad");
    assert!(bad.len() == 1 && bad[0].ends_with("answers with the status 404"), "{bad:?}");
}

#[tokio::test]
async fn a_client_without_a_secret_and_claims_that_nobody_asks_for() {
    let origin = Origin::start().await;
    let provider = start_provider(&origin).await;
    let (tenant, id) = ("demo".parse().unwrap(), "login".parse().unwrap());
    let usual = ProviderSettings::new("Login", provider.issuer().parse().unwrap(), "shop");
    let settings = ProviderSettings { email_domains: vec!["shop.example".to_owned()], ..usual };
    origin.app.office().add_oidc_provider(&tenant, &id, &settings, None).await.unwrap();
    let tested = test(&origin, "login").await;
    assert_eq!(
        findings(&tested, "bad"),
        ["claims: email_domains needs the e-mail address, and the scope email is not asked for: nobody gets in"]
    );
    assert!(findings(&tested, "notice").iter().any(|notice| notice.starts_with("client_authentication: ")), "{tested}");
    provider.plan(|plan| plan.discovery = json!({ "token_endpoint_auth_methods_supported": ["none"] }));
    let tested = test(&origin, "login").await;
    let expected = "client_authentication: clients without a secret are taken".to_owned();
    assert!(findings(&tested, "ok").contains(&expected), "{tested}");
}

#[tokio::test]
async fn where_any_provider_may_answer_it_must_name_itself() {
    let origin = Origin::start().await;
    let provider = start_provider(&origin).await;
    let (tenant, id) = ("demo".parse().unwrap(), "login".parse().unwrap());
    let usual = ProviderSettings::new("Login", provider.issuer().parse().unwrap(), "shop");
    for (path, names_itself, faults) in
        [("/auth/oidc/callback", false, 1), ("/auth/oidc/callback", true, 0), ("/auth/oidc/login/callback", false, 0)]
    {
        let settings = ProviderSettings { redirect_uri: Some(format!("https://demo.test{path}")), ..usual.clone() };
        origin.app.office().add_oidc_provider(&tenant, &id, &settings, None).await.unwrap();
        provider
            .plan(|plan| plan.discovery = json!({ "authorization_response_iss_parameter_supported": names_itself }));
        let bad = findings(&test(&origin, "login").await, "bad");
        assert!(bad.len() == faults && bad.iter().all(|bad| bad.starts_with("redirect_uri: ")), "{path}: {bad:?}");
        origin.app.office().change_oidc_provider(&tenant, &id, &ProviderChange::Remove).await.unwrap();
    }
}

#[tokio::test]
async fn who_cannot_be_reached_is_said_why() {
    let (origin, mut provider) = start().await;
    provider.stop();
    register(&origin, "demo", "unknown", "http://nobody.invalid").await;
    for (id, expected) in [
        ("login", "nobody listens there: the connection was refused"),
        ("unknown", "the name nobody.invalid is not known (DNS)"),
    ] {
        let tested = test(&origin, id).await;
        let bad = findings(&tested, "bad");
        assert!(bad.len() == 1 && bad[0].contains(expected), "{tested}");
    }
}

#[tokio::test]
async fn who_does_not_answer_is_said_not_to() {
    let origin = Origin::start_with(|config| config.outbound.total_timeout = Duration::from_millis(300)).await;
    let provider = start_provider(&origin).await;
    register(&origin, "demo", "login", &provider.issuer()).await;
    provider.plan(|plan| plan.reply(Endpoint::Discovery, Reply::Silent));
    let bad = findings(&test(&origin, "login").await, "bad");
    assert!(bad.len() == 1 && bad[0].contains("no answer came within the time allowed"), "{bad:?}");
}

#[tokio::test]
async fn addresses_nearby_are_not_asked_unless_they_are_allowed() {
    let plain = OutboundSettings { plain_http: true, ..OutboundSettings::default() };
    let origin = Origin::start_with(|config| config.outbound = plain.clone()).await;
    let provider = start_provider(&origin).await;
    register(&origin, "demo", "login", &provider.issuer()).await;
    register(&origin, "demo", "named", &provider.issuer().replace("127.0.0.1", "localhost")).await;
    for id in ["login", "named"] {
        let tested = test(&origin, id).await;
        let bad = findings(&tested, "bad");
        assert!(
            bad.len() == 1 && bad[0].contains("is this machine itself") && bad[0].contains("oidc_allowed_networks"),
            "{tested}"
        );
    }
    assert_eq!(provider.count(Endpoint::Discovery), 0, "nobody was asked");
    let allowed = OutboundSettings { allowed_networks: vec!["127.0.0.0/8".parse().unwrap()], ..plain };
    let origin = Origin::start_with(|config| config.outbound = allowed).await;
    register(&origin, "demo", "login", &provider.issuer()).await;
    assert_eq!(test(&origin, "login").await["usable"], true);
}
