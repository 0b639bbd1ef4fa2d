//! Who may ask what under `/v1`.

use serde_json::json;

use crate::kit::Origin;

const ROUTES: &[(&str, &str, &str)] = &[
    ("POST", "/v1/sessions", "sessions:mint"),
    ("GET", "/v1/sessions?actor_type=user&actor_id=ada", "sessions:read"),
    ("GET", "/v1/sessions/ses-AAAAAAAAAAAAAAAAAAAAAA", "sessions:read"),
    ("DELETE", "/v1/sessions/ses-AAAAAAAAAAAAAAAAAAAAAA", "sessions:revoke"),
    ("DELETE", "/v1/actors/user/ada/sessions", "sessions:revoke"),
    ("GET", "/v1/actors/user/ada", "sessions:read"),
    ("PATCH", "/v1/actors/user/ada", "actors:write"),
    ("GET", "/v1/dev/samples?tenant=demo", "sessions:mint"),
];

/// What is the operator's, and there for nobody else.
const OPERATOR: &[(&str, &str)] = &[
    ("POST", "/v1/tenants"),
    ("GET", "/v1/tenants"),
    ("GET", "/v1/tenants/demo"),
    ("PUT", "/v1/tenants/demo/hosts"),
    ("POST", "/v1/tenants/demo/disable"),
    ("POST", "/v1/tenants/demo/enable"),
    ("DELETE", "/v1/tenants/demo?confirm=demo"),
];

#[tokio::test]
async fn without_a_good_token_nothing_is_answered() {
    let origin = Origin::start().await;
    let other = origin.create_token("demo", "sessions:mint").await;
    let (head, secret) = origin.token.split_at(16);
    let routes = ROUTES.iter().map(|(method, path, _)| (method, path));
    for (method, path) in routes.chain(OPERATOR.iter().map(|(method, path)| (method, path))) {
        for token in [
            String::new(),
            "sgt_".to_owned(),
            head.to_owned(),
            format!("sgt_AAAAAAAAAAA_{secret}"),
            format!("{head}{}", &other[16..]),
            format!("{}B", &origin.token[..58]),
            format!("{}A", origin.token),
            origin.edge.clone(),
        ] {
            let answer = origin.private(method, path).bearer(&token).refused(401, "service_token").await;
            assert_eq!(answer.headers["www-authenticate"], "Bearer");
        }
        origin.private(method, path).refused(401, "service_token").await;
        let ask = origin.private(method, path).header("authorization", &format!("Basic {}", origin.token));
        ask.refused(401, "service_token").await;
        let ask = origin.private(method, path).header("x-sealgate-edge", &origin.edge);
        ask.refused(401, "service_token").await;
    }
}

#[tokio::test]
async fn each_route_wants_its_own_scope() {
    let origin = Origin::start().await;
    for (method, path, scope) in ROUTES {
        let others: Vec<&str> = ["sessions:mint", "sessions:read", "sessions:revoke", "actors:write"]
            .into_iter()
            .filter(|other| other != scope)
            .collect();
        let lacking = origin.create_token("demo", &others.join(" ")).await;
        let body = json!({ "tenant": "demo", "actor_type": "user", "actor_id": "ada" });
        let ask = origin.private(method, path).bearer(&lacking).json(&body);
        ask.refused(403, "scope_missing").await;
        let enough = origin.create_token("demo", scope).await;
        let answer = origin.private(method, path).bearer(&enough).json(&body).send().await;
        assert!(![401, 403].contains(&answer.status.as_u16()), "{method} {path}: {}", answer.text());
    }
}

#[tokio::test]
async fn what_is_an_operators_is_not_there_for_a_tenants_token() {
    let origin = Origin::start().await;
    let token = origin.create_operator_token().await;
    for (method, path) in OPERATOR {
        let body = json!({ "id": "shop", "hosts": [] });
        origin.v1(method, path).json(&body).refused(404, "not_found").await;
    }
    for (method, path) in OPERATOR {
        let body = if *method == "PUT" { json!({ "hosts": [] }) } else { json!({ "id": "shop" }) };
        let answer = origin.private(method, path).bearer(&token).json(&body).send().await;
        assert!(answer.status.is_success(), "{method} {path}: {}", answer.text());
    }
}

#[tokio::test]
async fn a_revoked_operators_token_is_nobodys_at_once() {
    let origin = Origin::start().await;
    let office = origin.app.office();
    let token = origin.create_operator_token().await;
    let ask = || origin.private("GET", "/v1/tenants").bearer(&token);
    assert_eq!(ask().send().await.status, 200);
    assert!(office.store().revoke_service_token(&token[4..15], office.now()).await.unwrap().is_some());
    ask().refused(401, "service_token").await;
}

#[tokio::test]
async fn a_revoked_token_is_nobodys_at_once() {
    let origin = Origin::start().await;
    let office = origin.app.office();
    let demo = "demo".parse().unwrap();
    let ask = || origin.v1("GET", "/v1/sessions?actor_type=user&actor_id=ada");
    assert_eq!(ask().send().await.status, 200);
    assert_eq!(office.store().revoke_service_tokens(&demo, "dev", office.now()).await.unwrap(), 1);
    ask().refused(401, "service_token").await;
}

#[tokio::test]
async fn the_database_does_not_hold_the_token() {
    let origin = Origin::start().await;
    let secret = &origin.token[16..];
    for entry in std::fs::read_dir(origin.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("sealgate.db")) {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{}", path.display());
        }
    }
}
