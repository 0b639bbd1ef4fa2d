//! What belongs to another tenant is not there.

use serde_json::{Value, json};

use crate::kit::database::Objection;
use crate::kit::{Ask, Minted, Origin};

/// What another tenant's credential gets to hear about something of `demo`.
#[derive(Clone, Copy)]
enum Answer {
    /// A refusal that is the same whether there is such a thing.
    Refused(u16, &'static str),
    /// What there is of the caller's own, which is nothing.
    Own(fn() -> Value),
}

use Answer::{Own, Refused};

/// Who asks.
#[derive(Clone, Copy, PartialEq)]
enum Caller {
    /// A backend of the tenant `other`, with every scope.
    Backend,
    /// An edge that serves `other`.
    Edge,
}

const NOTHING: Answer = Refused(404, "not_found");

/// Every route of the private listener that has to do with tenants, as in `src/http/private/mod.rs`; then the query
/// and the body to ask with.
const WALK: &[(&str, &str, &str, &str, Caller, Answer)] = &[
    (
        "POST",
        "/internal/check",
        "",
        r#"{"tenant":"demo","session":"{session}"}"#,
        Caller::Edge,
        Refused(403, "tenant_not_allowed"),
    ),
    (
        "POST",
        "/internal/refresh",
        "",
        r#"{"tenant":"demo","refresh_token":"r1.a.b.c.d"}"#,
        Caller::Edge,
        Refused(403, "tenant_not_allowed"),
    ),
    ("GET", "/internal/feed/{edge}/{seal}/head", "", "", Caller::Edge, Refused(404, "no_such_feed")),
    (
        "GET",
        "/internal/feed/{edge}/{seal}/snapshot/{epoch}/{sequence}",
        "",
        "",
        Caller::Edge,
        Refused(404, "no_such_feed"),
    ),
    (
        "POST",
        "/v1/sessions",
        "",
        r#"{"tenant":"demo","actor_type":"user","actor_id":"ada"}"#,
        Caller::Backend,
        Refused(404, "tenant_not_found"),
    ),
    (
        "GET",
        "/v1/sessions",
        "?actor_type=user&actor_id=ada&status=all",
        "",
        Caller::Backend,
        Own(|| json!({ "sessions": [], "next_cursor": null })),
    ),
    ("GET", "/v1/sessions/{id}", "", "", Caller::Backend, Refused(404, "session_not_found")),
    ("DELETE", "/v1/sessions/{id}", "", "", Caller::Backend, Refused(404, "session_not_found")),
    ("GET", "/v1/actors/{kind}/{id}", "", "", Caller::Backend, Refused(404, "actor_not_found")),
    (
        "PATCH",
        "/v1/actors/{kind}/{id}",
        "?now=true",
        r#"{"roles":["admin"]}"#,
        Caller::Backend,
        Own(|| {
            json!({
                "actor_type": "user", "actor_id": "ada", "roles": ["admin"], "assurance": null,
                "updated_at": "2026-06-01T12:00:00.000Z", "display_name": null, "live_sessions": 0,
            })
        }),
    ),
    (
        "DELETE",
        "/v1/actors/{kind}/{id}/sessions",
        "?except={session}",
        "",
        Caller::Backend,
        Refused(404, "session_not_found"),
    ),
    ("DELETE", "/v1/actors/{kind}/{id}/sessions", "", "", Caller::Backend, Own(|| json!({ "revoked": 0 }))),
    ("POST", "/v1/tenants", "", r#"{"id":"demo"}"#, Caller::Backend, NOTHING),
    ("GET", "/v1/tenants", "", "", Caller::Backend, NOTHING),
    ("GET", "/v1/tenants/{id}", "", "", Caller::Backend, NOTHING),
    ("DELETE", "/v1/tenants/{id}", "?confirm=demo", "", Caller::Backend, NOTHING),
    ("PUT", "/v1/tenants/{id}/hosts", "", r#"{"hosts":[]}"#, Caller::Backend, NOTHING),
    ("POST", "/v1/tenants/{id}/disable", "", "", Caller::Backend, NOTHING),
    ("POST", "/v1/tenants/{id}/enable", "", "", Caller::Backend, NOTHING),
    ("POST", "/v1/tenants/{id}/oidc", "", r#"{"id":"corporate"}"#, Caller::Backend, NOTHING),
    ("GET", "/v1/tenants/{id}/oidc", "", "", Caller::Backend, NOTHING),
    ("GET", "/v1/tenants/{id}/oidc/{provider}", "", "", Caller::Backend, NOTHING),
    ("PUT", "/v1/tenants/{id}/oidc/{provider}", "", r#"{"name":"x"}"#, Caller::Backend, NOTHING),
    ("DELETE", "/v1/tenants/{id}/oidc/{provider}", "", "", Caller::Backend, NOTHING),
    ("POST", "/v1/tenants/{id}/oidc/{provider}/disable", "", "", Caller::Backend, NOTHING),
    ("POST", "/v1/tenants/{id}/oidc/{provider}/enable", "", "", Caller::Backend, NOTHING),
    ("POST", "/v1/tenants/{id}/oidc/{provider}/test", "", "", Caller::Backend, NOTHING),
    ("GET", "/v1/dev/samples", "?tenant=demo", "", Caller::Backend, Refused(404, "tenant_not_found")),
];

/// Routes that nobody can name a tenant to. What is in a keyring is told in `internal_keyring.rs`, what in
/// the feed's documents in `feed_head.rs`.
const OTHERS: &[(&str, &str)] = &[
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/internal/keyring"),
    ("GET", "/v1/openapi.json"),
];

/// Puts what is `demo`'s in the places of a route; the edge that serves it is `dev`.
fn fill(text: &str, route: &str, demo: &Minted, seal: &str) -> String {
    let id = match route {
        route if route.starts_with("/v1/tenants") => "demo",
        route if route.starts_with("/v1/actors") => "ada",
        _ => &demo.id,
    };
    let text = text
        .replace("{id}", id)
        .replace("{kind}", "user")
        .replace("{provider}", "corporate")
        .replace("{session}", &demo.id);
    text.replace("{edge}", "dev").replace("{seal}", seal).replace("{epoch}", "1").replace("{sequence}", "0")
}

#[tokio::test]
async fn another_tenants_credential_finds_nothing_and_ends_nothing_at_any_route() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    let seal = origin.edge_secret().seal_id();
    let token = origin.create_token("other", "sessions:mint sessions:read sessions:revoke actors:write").await;
    let (_, edge) = origin.create_edge("narrow", &["other"]).await;
    for (method, route, query, body, caller, expected) in WALK {
        let path = fill(&format!("{route}{query}"), route, &minted, &seal);
        let ask = origin.private(method, &path);
        let ask = match caller {
            Caller::Backend => ask.bearer(&token),
            Caller::Edge => ask.header("x-sealgate-edge", &edge),
        };
        let ask = if body.is_empty() {
            ask
        } else {
            ask.header("content-type", "application/json").body(fill(body, route, &minted, &seal))
        };
        match expected {
            Refused(status, code) => drop(ask.refused(*status, code).await),
            Own(nothing) => assert_eq!(ask.send().await.json(), nothing(), "{method} {path}"),
        }
    }
    assert_eq!(origin.check(&minted.id).await, "live");
    let theirs = "select count(*) from actors where tenant = 'demo'";
    assert_eq!(origin.database().await.number(theirs).await, 0);
    let disabled = "select count(*) from tenants where disabled_at is null and id = 'demo'";
    assert_eq!(origin.database().await.number(disabled).await, 1);
}

#[tokio::test]
async fn an_operators_token_sees_no_session_at_any_route() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    let seal = origin.edge_secret().seal_id();
    let token = origin.create_operator_token().await;
    let backends =
        WALK.iter().filter(|(_, route, .., caller, _)| *caller == Caller::Backend && !route.starts_with("/v1/tenants"));
    for (method, route, query, body, ..) in backends {
        let path = fill(&format!("{route}{query}"), route, &minted, &seal);
        let ask = origin.private(method, &path).bearer(&token).header("content-type", "application/json");
        ask.body(fill(body, route, &minted, &seal)).refused(403, "scope_missing").await;
    }
    assert_eq!(origin.check(&minted.id).await, "live");
}

/// The methods and paths that the private router is put together from: those that describe themselves, and the rest.
async fn routes(origin: &Origin) -> Vec<(String, String)> {
    let source = include_str!("../../src/http/private/mod.rs");
    let mut routes = super::openapi::operations(&super::openapi::private(origin).await);
    for piece in source.split(".route(\"").skip(1) {
        let (path, handlers) = piece.split_once('"').unwrap();
        let handlers = handlers.lines().next().unwrap();
        let before = routes.len();
        for method in ["get", "post", "put", "patch", "delete", "any"] {
            if handlers
                .split(|char: char| !char.is_alphanumeric() && char != '(' && char != ':' && char != '_')
                .any(|word| word.starts_with(&format!("{method}(")))
            {
                routes.push((method.to_uppercase(), path.to_owned()));
            }
        }
        assert!(routes.len() > before, "no method of {path}");
    }
    routes
}

#[tokio::test]
async fn the_walk_is_complete() {
    let mut known: Vec<(String, String)> = WALK
        .iter()
        .map(|(method, route, ..)| (*method, *route))
        .chain(OTHERS.iter().copied())
        .map(|(method, path)| (method.to_owned(), path.to_owned()))
        .collect();
    known.sort();
    known.dedup();
    let mut routes = routes(&Origin::start().await).await;
    routes.sort();
    assert_eq!(known, routes);
}

#[tokio::test]
async fn an_edge_plays_no_site_of_a_tenant_that_it_does_not_serve() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    let (_, edge) = origin.create_edge("narrow", &["other"]).await;
    let ask = |method: &str, path: &str| -> Ask {
        origin.browser(method, path).header("x-sealgate-edge", &edge).cookie(&minted.cookie)
    };
    let own = format!("/auth/sessions/{}", minted.id);
    for (method, path) in [
        ("GET", "/auth/session"),
        ("GET", "/auth/login"),
        ("POST", "/auth/logout"),
        ("GET", "/auth/csrf"),
        ("GET", "/auth/sessions"),
        ("DELETE", "/auth/sessions"),
        ("DELETE", &own),
        ("PATCH", &own),
        ("GET", "/auth/account"),
        ("POST", "/auth/account/sign-out-others"),
        ("POST", &format!("/auth/account/sessions/{}/end", minted.id)),
        ("POST", &format!("/auth/account/sessions/{}/label", minted.id)),
    ] {
        ask(method, path).refused(401, "edge_credential").await;
    }
    ask("POST", "/auth/login").form("name=ada").refused(401, "edge_credential").await;
    assert_eq!(origin.check(&minted.id).await, "live");
}

#[tokio::test]
async fn a_cookie_of_one_tenant_is_nobody_at_another() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    let ask = |method: &str, path: &str| origin.browser(method, path).cookie(&minted.cookie);
    assert_eq!(ask("GET", "/auth/session").send().await.status, 200);
    let at_other = ask("GET", "/auth/session").header("x-sealgate-tenant", "other");
    at_other.refused(401, "unknown_kid").await;
    let answer = ask("POST", "/auth/logout").header("x-sealgate-tenant", "other").send().await;
    assert_eq!(answer.json(), json!({ "signed_out": false }));
    assert_eq!(origin.check(&minted.id).await, "live");
}

#[tokio::test]
async fn a_session_cannot_be_stored_under_another_tenants_key() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    let database = origin.database().await;
    let moved = database.execute(&format!("update sessions set tenant = 'other' where id = '{}'", minted.id)).await;
    assert_eq!(moved, Err(Objection::ForeignKey));
}
