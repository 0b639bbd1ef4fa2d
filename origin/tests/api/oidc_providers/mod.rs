//! `/v1/tenants/{id}/oidc`: providers added, shown, changed, disabled, removed; and who may ask.

mod file;
mod probe;
mod secrets;

use sealgate_origin::oidc::Provider;
use serde_json::{Value, json};

use super::tenants::Operator;
use crate::kit::{Ask, Origin};

/// The provider `login` of `demo`, as the office knows it.
pub(crate) async fn find(origin: &Origin, id: &str) -> Option<Provider> {
    let (tenant, id) = ("demo".parse().unwrap(), id.parse().unwrap());
    origin.app.office().oidc_provider(&tenant, &id).await.unwrap()
}

/// What was written down of providers, oldest first.
pub(crate) async fn notes(origin: &Origin) -> Vec<String> {
    let sql = "select event || ' ' || detail from audit where event like 'provider.%' order by id";
    let rows: Vec<(String,)> = origin.database().await.rows(sql).await;
    rows.into_iter().map(|(note,)| note).collect()
}

fn login() -> Value {
    json!({
        "id": "login", "name": "Login", "issuer": "https://login.example", "client_id": "shop",
        "client_secret": "hunter2 hunter2",
    })
}

#[expect(clippy::needless_pass_by_value, reason = "it is written where it is called")]
fn with(change: Value) -> Value {
    let mut body = login();
    body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    body
}

fn add(operator: &Operator, body: &Value) -> Ask {
    operator.ask("POST", "/v1/tenants/demo/oidc").json(body)
}

fn put(operator: &Operator, body: Value) -> Ask {
    let mut body = body;
    body.as_object_mut().unwrap().remove("id");
    operator.ask("PUT", "/v1/tenants/demo/oidc/login").json(&body)
}

#[tokio::test]
async fn a_provider_is_added_and_shown_without_its_secret() {
    let operator = Operator::start().await;
    let answer = add(&operator, &login()).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.headers["location"], "/v1/tenants/demo/oidc/login");
    let expected = json!({
        "id": "login",
        "name": "Login",
        "issuer": "https://login.example",
        "client_id": "shop",
        "client_secret": true,
        "token_endpoint_auth_method": null,
        "trusted_audiences": [],
        "scopes": ["openid"],
        "redirect_uri": null,
        "email_domains": [],
        "actor_type": "user",
        "actor_claim": "sub",
        "actor_prefix": "",
        "name_claim": null,
        "groups_claim": null,
        "group_roles": [],
        "assurance": 0,
        "shares_actors": false,
        "enabled": true,
        "managed_by_file": false,
        "created_at": "2026-06-01T12:00:00.000Z",
        "updated_at": "2026-06-01T12:00:00.000Z",
    });
    assert_eq!(answer.json(), expected);
    assert_eq!(operator.must("GET", "/v1/tenants/demo/oidc/login", 200).await, expected);
    assert_eq!(operator.must("GET", "/v1/tenants/demo/oidc", 200).await, json!({ "providers": [expected] }));
    let known = find(&operator.origin, "login").await.unwrap();
    assert_eq!(known.secret.unwrap().expose(), "hunter2 hunter2");
    assert_eq!(notes(&operator.origin).await, ["provider.added login"]);
}

#[tokio::test]
async fn everything_can_be_said_and_is_said_back() {
    let operator = Operator::start().await;
    let said = json!({
        "name": "Login", "issuer": "https://login.example/realms/a", "client_id": "shop",
        "scopes": ["email", "openid", "profile"], "redirect_uri": "https://shop.example/auth/oidc/callback",
        "email_domains": ["shop.example", "a.example", "shop.example"], "actor_type": "staff", "actor_claim": "email",
        "actor_prefix": "corp:", "name_claim": "name", "groups_claim": "groups",
        "group_roles": ["cn=admins,dc=shop=admin", "staff=reader"], "assurance": 2, "shares_actors": true,
        "token_endpoint_auth_method": "client_secret_post", "trusted_audiences": ["project", "shop-app"],
    });
    let answer = add(&operator, &with(said.clone())).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let shown = answer.json();
    for (name, value) in said.as_object().unwrap() {
        let expected = if name == "email_domains" { json!(["a.example", "shop.example"]) } else { value.clone() };
        assert_eq!(shown[name], expected, "{name}");
    }
}

#[tokio::test]
async fn settings_are_replaced_and_the_secret_stays_unless_it_is_said() {
    let operator = Operator::start().await;
    add(&operator, &with(json!({ "assurance": 3, "scopes": ["email"] }))).send().await;
    operator.origin.wait(std::time::Duration::from_secs(1));
    let plain = json!({ "name": "Other", "issuer": "https://login.example", "client_id": "shop" });
    let shown = put(&operator, plain.clone()).send().await.json();
    assert_eq!(
        (&shown["name"], &shown["assurance"], &shown["scopes"]),
        (&json!("Other"), &json!(0), &json!(["openid"]))
    );
    assert_eq!(shown["updated_at"], "2026-06-01T12:00:01.000Z");
    let secret = async || find(&operator.origin, "login").await.unwrap().secret.map(|s| s.expose().to_owned());
    assert_eq!(secret().await.as_deref(), Some("hunter2 hunter2"));
    let mut more = plain.clone();
    more["client_secret"] = "another".into();
    assert_eq!(put(&operator, more.clone()).send().await.status, 200);
    assert_eq!(secret().await.as_deref(), Some("another"));
    more["client_secret"] = Value::Null;
    let shown = put(&operator, more).send().await.json();
    assert_eq!((secret().await, &shown["client_secret"]), (None, &json!(false)));
    let expected = ["name, scopes, assurance", "client_secret", "client_secret"];
    let expected = expected.map(|changed| format!("provider.changed login: {changed}"));
    assert_eq!(notes(&operator.origin).await[1..], expected);
    operator.ask("PUT", "/v1/tenants/demo/oidc/nobody").json(&plain).refused(404, "provider_not_found").await;
}

#[tokio::test]
async fn a_secret_is_shown_to_nobody_else_than_whom_it_was_for() {
    let operator = Operator::start().await;
    add(&operator, &login()).send().await;
    let elsewhere = json!({ "name": "Login", "issuer": "https://evil.example", "client_id": "shop" });
    let as_other = json!({ "name": "Login", "issuer": "https://login.example", "client_id": "other" });
    for change in [&elsewhere, &as_other] {
        put(&operator, change.clone()).refused_field("invalid_field", "client_secret").await;
    }
    assert_eq!(find(&operator.origin, "login").await.unwrap().settings.issuer.as_str(), "https://login.example");
    for secret in [json!("new"), Value::Null] {
        let mut said = elsewhere.clone();
        said["client_secret"] = secret;
        assert_eq!(put(&operator, said).send().await.status, 200);
    }
    // Without a secret there is nothing to be kept.
    assert_eq!(put(&operator, as_other).send().await.status, 200);
}

#[tokio::test]
async fn it_is_disabled_enabled_and_removed() {
    let operator = Operator::start().await;
    add(&operator, &login()).send().await;
    for (verb, enabled) in [("disable", false), ("disable", false), ("enable", true), ("enable", true)] {
        let shown = operator.must("POST", &format!("/v1/tenants/demo/oidc/login/{verb}"), 200).await;
        assert_eq!(shown["enabled"], enabled, "{verb}");
        assert_eq!(find(&operator.origin, "login").await.unwrap().enabled, enabled);
    }
    let answer = operator.ask("DELETE", "/v1/tenants/demo/oidc/login").send().await;
    assert_eq!((answer.status.as_u16(), answer.text().as_str()), (204, ""));
    operator.ask("DELETE", "/v1/tenants/demo/oidc/login").refused(404, "provider_not_found").await;
    assert!(find(&operator.origin, "login").await.is_none());
    let expected = ["added", "disabled", "enabled", "removed"].map(|what| format!("provider.{what} login"));
    assert_eq!(notes(&operator.origin).await, expected, "what changes nothing is no event");
}

#[tokio::test]
async fn every_origin_knows_at_once() {
    let operator = Operator::start().await;
    let other = operator.origin.start_another().await;
    let seen = async || {
        let (tenant, id) = ("demo".parse().unwrap(), "login".parse().unwrap());
        let found = other.office().oidc_provider(&tenant, &id).await.unwrap();
        found.map(|provider| (provider.settings.name, provider.enabled))
    };
    assert_eq!(seen().await, None);
    add(&operator, &login()).send().await;
    assert_eq!(seen().await, Some(("Login".to_owned(), true)));
    put(&operator, with(json!({ "name": "Other" }))).send().await;
    assert_eq!(seen().await, Some(("Other".to_owned(), true)));
    operator.must("POST", "/v1/tenants/demo/oidc/login/disable", 200).await;
    assert_eq!(seen().await, Some(("Other".to_owned(), false)));
    operator.ask("DELETE", "/v1/tenants/demo/oidc/login").send().await;
    assert_eq!(seen().await, None);
}

#[tokio::test]
async fn two_providers_do_not_name_the_same_people() {
    let operator = Operator::start().await;
    assert_eq!(add(&operator, &with(json!({ "actor_prefix": "a:" }))).send().await.status, 201);
    let second = |change: Value| {
        let mut body = with(json!({ "id": "second", "issuer": "https://second.example" }));
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        add(&operator, &body)
    };
    for prefix in ["", "a", "a:", "a:b:"] {
        let problem = second(json!({ "actor_prefix": prefix })).refused(409, "actors_overlap").await.json();
        assert!(problem["detail"].as_str().unwrap().contains("login"), "{problem}");
    }
    for fine in [
        json!({ "actor_prefix": "b:" }),
        json!({ "actor_type": "staff" }),
        json!({ "actor_prefix": "a:", "shares_actors": true }),
    ] {
        assert_eq!(second(fine.clone()).send().await.status, 201, "{fine}");
        operator.ask("DELETE", "/v1/tenants/demo/oidc/second").send().await;
    }
    // Neither by a change.
    assert_eq!(second(json!({ "actor_prefix": "b:" })).send().await.status, 201);
    put(&operator, with(json!({ "actor_prefix": "b:c:" }))).refused(409, "actors_overlap").await;
    assert_eq!(put(&operator, with(json!({ "actor_prefix": "a:" }))).send().await.status, 200, "with itself it may");
    // Another tenant's are other people.
    let elsewhere = operator.ask("POST", "/v1/tenants/other/oidc").json(&with(json!({ "actor_prefix": "a:" })));
    assert_eq!(elsewhere.send().await.status, 201);
}

#[tokio::test]
async fn of_two_that_overlap_and_come_at_once_one_is_added() {
    let operator = Operator::start().await;
    let both = ["one", "two"].map(|id| add(&operator, &with(json!({ "id": id }))).send());
    let [one, two] = both;
    let (one, two) = tokio::join!(one, two);
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
}

#[tokio::test]
async fn bad_input_is_named() {
    let operator = Operator::start().await;
    for (field, value) in [
        ("id", Value::Null),
        ("id", json!("Login")),
        ("id", json!("a/b")),
        ("id", json!("a".repeat(64))),
        ("name", Value::Null),
        ("name", json!("")),
        ("name", json!("a\u{7}")),
        ("issuer", Value::Null),
        ("issuer", json!("login.example")),
        ("issuer", json!("https://login.example?x")),
        ("issuer", json!("https://me@login.example")),
        ("issuer", json!("javascript:alert(1)")),
        ("client_id", Value::Null),
        ("client_id", json!("a\n")),
        ("client_secret", json!("")),
        ("client_secret", json!("a\n")),
        ("client_secret", json!(7)),
        ("scopes", json!("openid")),
        ("scopes", json!(["a b"])),
        ("redirect_uri", json!("/auth/oidc/callback")),
        ("redirect_uri", json!("https://shop.example/callback")),
        ("redirect_uri", json!("https://shop.example/auth/oidc/other/callback")),
        ("email_domains", json!(["@shop.example"])),
        ("email_domains", json!(["shop.example:443"])),
        ("actor_type", json!("User")),
        ("actor_claim", json!("")),
        ("actor_prefix", json!("a b")),
        ("group_roles", json!(["admins"])),
        ("group_roles", json!([{ "group": "a", "role": "b" }])),
        ("groups_claim", json!("")),
        ("assurance", json!(256)),
        ("shares_actors", json!("yes")),
        ("token_endpoint_auth_method", json!("none")),
        ("trusted_audiences", json!([""])),
    ] {
        add(&operator, &with(json!({ field: value }))).refused_field("invalid_field", field).await;
    }
    add(&operator, &with(json!({ "group_roles": ["a=b"] }))).refused_field("invalid_field", "groups_claim").await;
    add(&operator, &with(json!({ "secret": "a" }))).refused_field("unknown_field", "secret").await;
    add(&operator, &with(json!({ "enabled": false }))).refused_field("unknown_field", "enabled").await;
    assert_eq!(operator.must("GET", "/v1/tenants/demo/oidc", 200).await, json!({ "providers": [] }));
    assert_eq!(add(&operator, &login()).send().await.status, 201);
    add(&operator, &login()).refused(409, "provider_exists").await;
}

#[tokio::test]
async fn production_asks_nobody_in_the_clear_or_nearby() {
    use sealgate_origin::outbound::OutboundSettings;
    let origin = Origin::start_with(|config| config.outbound = OutboundSettings::default()).await;
    let token = origin.create_operator_token().await;
    let add = |change: Value| {
        let body = with(change);
        origin.private("POST", "/v1/tenants/demo/oidc").bearer(&token).json(&body)
    };
    for issuer in ["http://login.example", "https://127.0.0.1", "https://[::1]:8443/a", "https://169.254.169.254"] {
        add(json!({ "issuer": issuer })).refused_field("invalid_field", "issuer").await;
    }
    let redirect = json!({ "redirect_uri": "http://shop.example/auth/oidc/callback" });
    add(redirect).refused_field("invalid_field", "redirect_uri").await;
    assert_eq!(add(json!({})).send().await.status, 201);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let operator = Operator::start().await;
    for tenant in ["nobody", "No-body", "%FF"] {
        operator.ask("GET", &format!("/v1/tenants/{tenant}/oidc")).refused(404, "tenant_not_found").await;
        let add = operator.ask("POST", &format!("/v1/tenants/{tenant}/oidc")).json(&login());
        add.refused(404, "tenant_not_found").await;
        for (method, rest) in
            [("GET", ""), ("DELETE", ""), ("POST", "/enable"), ("POST", "/disable"), ("POST", "/test")]
        {
            let path = format!("/v1/tenants/{tenant}/oidc/login{rest}");
            operator.ask(method, &path).refused(404, "tenant_not_found").await;
        }
    }
    for id in ["login", "Log-in", "a%2Fb"] {
        for (method, rest) in
            [("GET", ""), ("DELETE", ""), ("POST", "/enable"), ("POST", "/disable"), ("POST", "/test")]
        {
            let path = format!("/v1/tenants/demo/oidc/{id}{rest}");
            operator.ask(method, &path).refused(404, "provider_not_found").await;
        }
    }
}

#[tokio::test]
async fn it_is_for_operators_and_each_tenant_has_its_own() {
    let operator = Operator::start().await;
    assert_eq!(add(&operator, &login()).send().await.status, 201);
    for (method, rest) in
        [("GET", ""), ("POST", ""), ("GET", "/login"), ("PUT", "/login"), ("DELETE", "/login"), ("POST", "/login/test")]
    {
        let path = format!("/v1/tenants/demo/oidc{rest}");
        operator.origin.v1(method, &path).json(&login()).refused(404, "not_found").await;
        operator.origin.private(method, &path).json(&login()).refused(401, "service_token").await;
    }
    assert_eq!(operator.must("GET", "/v1/tenants/other/oidc", 200).await, json!({ "providers": [] }));
    operator.ask("GET", "/v1/tenants/other/oidc/login").refused(404, "provider_not_found").await;
    operator.ask("DELETE", "/v1/tenants/other/oidc/login").refused(404, "provider_not_found").await;
    assert!(find(&operator.origin, "login").await.is_some());
    // With the tenant goes all that it has.
    operator.must("DELETE", "/v1/tenants/demo?confirm=demo", 200).await;
    assert_eq!(operator.origin.database().await.number("select count(*) from oidc_providers").await, 0);
}
