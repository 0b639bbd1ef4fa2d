//! `POST /v1/sessions`.

use std::time::Duration;

use sealgate_shared::id::TenantId;
use sealgate_shared::token::{Sealed, TokenKind};
use serde_json::{Value, json};

use crate::kit::{Ask, Minted, Origin, START};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

fn post(origin: &Origin, body: &Value) -> Ask {
    origin.v1("POST", "/v1/sessions").json(body)
}

#[tokio::test]
async fn answers_with_session_cookies_and_csrf_token() {
    let origin = Origin::start().await;
    let body = json!({
        "tenant": "demo", "actor_type": "user", "actor_id": "018f3c5e-7b1a-7c3d-9e4f-5a6b7c8d9e0f",
        "label": "Küche", "user_agent": FIREFOX, "authenticated_at": "2026-06-01T13:59:00+02:00",
        "assurance": 2, "roles": ["writer", "admin", "writer"],
    });
    let answer = post(&origin, &body).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let minted = answer.json();
    let id = minted["session"]["id"].as_str().unwrap();
    assert_eq!(answer.headers["location"], format!("/v1/sessions/{id}"));
    assert_eq!(
        minted["session"],
        json!({
            "id": id, "tenant": "demo", "actor_type": "user", "actor_id": "018f3c5e-7b1a-7c3d-9e4f-5a6b7c8d9e0f",
            "label": "Küche", "device_name": "Firefox on Linux", "remember": false, "assurance": 2,
            "roles": ["admin", "writer"], "channel": "cookie", "method": "backend", "generation": 0,
            "created_at": "2026-06-01T12:00:00.000Z", "last_seen_at": "2026-06-01T12:00:00.000Z",
            "authenticated_at": "2026-06-01T11:59:00.000Z", "access_expires_at": minted["session"]["access_expires_at"],
            "idle_expires_at": "2026-06-01T13:00:00.000Z", "absolute_expires_at": "2026-06-01T20:00:00.000Z",
            "revoked_at": null, "revoked_reason": null, "status": "live",
        })
    );
    let csrf = minted["csrf_token"].as_str().unwrap();
    let lines: Vec<&str> = minted["set_cookie"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    assert_eq!(lines.len(), 3);
    for (line, start) in lines.iter().zip(["__Host-sg=v1.", "__Host-sg_refresh=r1."]) {
        assert!(line.starts_with(start) && line.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax"), "{line}");
    }
    assert_eq!(lines[2], format!("__Host-sg_csrf={csrf}; Path=/; Secure; SameSite=Lax"));
    let members: Vec<&String> = minted.as_object().unwrap().keys().collect();
    assert_eq!(members, ["csrf_token", "session", "set_cookie"]);
}

#[tokio::test]
async fn the_token_verifies_under_the_published_ring_and_says_what_the_row_says() {
    let origin = Origin::start().await;
    let minted = origin.mint_with(json!({ "assurance": 3, "roles": ["admin"] })).await;
    let document = super::internal_keyring::open_ring(&origin).await;
    let tenant: TenantId = "demo".parse().unwrap();
    let token = Sealed::parse(&minted.access).unwrap();
    let token = token.authenticate(TokenKind::Access, &document.to_ring().unwrap(), &tenant).unwrap();
    let claims = token.claims();
    assert_eq!(claims.session.to_string(), minted.id);
    assert_eq!((claims.tenant.as_str(), claims.actor_type.as_str(), claims.actor_id.as_str()), ("demo", "user", "ada"));
    assert_eq!(claims.issued_at.as_u64(), START);
    assert_eq!(u128::from(claims.expires_at.as_u64() - START), minted.access_lifetime().as_millis());
    assert_eq!((claims.generation, claims.assurance, claims.roles.to_string().as_str()), (0, 3, "admin"));
}

#[tokio::test]
async fn a_remembered_session_keeps_its_cookies_until_it_is_idle() {
    let origin = Origin::start().await;
    let minted = origin.mint_with(json!({ "remember": true })).await;
    for line in minted.body["set_cookie"].as_array().unwrap() {
        assert!(line.as_str().unwrap().ends_with("; Max-Age=1209600"), "{line}");
    }
    assert_eq!(minted.body["session"]["idle_expires_at"], "2026-06-15T12:00:00.000Z");
    assert_eq!(minted.body["session"]["absolute_expires_at"], "2026-07-01T12:00:00.000Z");
}

#[tokio::test]
async fn no_session_id_comes_twice_and_what_is_absent_stays_null() {
    let origin = Origin::start().await;
    let (one, two) = (origin.mint().await, origin.mint().await);
    assert_ne!(one.id, two.id);
    assert_ne!(one.access, two.access);
    assert_ne!(one.body["csrf_token"], two.body["csrf_token"]);
    assert_eq!(one.body["session"]["label"], Value::Null);
    assert_eq!(one.body["session"]["device_name"], Value::Null);
}

#[tokio::test]
async fn neither_address_nor_user_agent_is_kept() {
    let origin = Origin::start().await;
    let Minted { id, .. } = origin.mint_with(json!({ "user_agent": FIREFOX })).await;
    let database = origin.database().await;
    let sql = format!("select ip, user_agent, fingerprint, device_name from sessions where id = '{id}'");
    let row: (Option<String>, Option<String>, Vec<u8>, String) = database.rows(&sql).await.remove(0);
    assert_eq!((row.0, row.1, row.2.len(), row.3.as_str()), (None, None, 32, "Firefox on Linux"));
    // Not in any other place either.
    let stored = database.everything().await;
    assert!(stored.windows(id.len()).any(|window| window == id.as_bytes()), "this is where to look");
    assert!(!stored.windows(12).any(|window| window == b"Gecko/201001"));
}

#[tokio::test]
async fn every_mistake_in_the_body_names_its_field() {
    let origin = Origin::start().await;
    let long = |length: usize| "a".repeat(length);
    for (field, value) in [
        ("tenant", json!("Demo")),
        ("tenant", json!(long(64))),
        ("tenant", json!(7)),
        ("tenant", json!(null)),
        ("actor_type", json!("User")),
        ("actor_type", json!(long(33))),
        ("actor_type", json!("")),
        ("actor_id", json!(long(129))),
        ("actor_id", json!("a b")),
        ("actor_id", json!("ä")),
        ("actor_id", json!(["ada"])),
        ("label", json!("")),
        ("label", json!(long(65))),
        ("label", json!("line\nbreak")),
        ("label", json!("nul\u{0}")),
        ("remember", json!("yes")),
        ("remember", json!(1)),
        ("user_agent", json!(long(1_025))),
        ("user_agent", json!("a\r\nb")),
        ("authenticated_at", json!("yesterday")),
        ("authenticated_at", json!(1_780_315_200)),
        ("authenticated_at", json!("2026-06-01T12:00:05.001Z")),
        ("authenticated_at", json!("1969-12-31T23:59:59Z")),
        ("assurance", json!(256)),
        ("assurance", json!(-1)),
        ("assurance", json!(1.5)),
        ("assurance", json!("1")),
        ("roles", json!("admin")),
        ("roles", json!(["a b"])),
        ("roles", json!([long(33)])),
        ("roles", json!([1])),
        ("roles", json!((0..17).map(|n| n.to_string()).collect::<Vec<_>>())),
    ] {
        let mut body = json!({ "tenant": "demo", "actor_type": "user", "actor_id": "ada" });
        body[field] = value;
        post(&origin, &body).refused_field("invalid_field", field).await;
    }
    for field in ["tenant", "actor_type", "actor_id"] {
        let mut body = json!({ "tenant": "demo", "actor_type": "user", "actor_id": "ada" });
        body.as_object_mut().unwrap().remove(field);
        post(&origin, &body).refused_field("invalid_field", field).await;
    }
}

#[tokio::test]
async fn an_unknown_field_is_refused_by_name() {
    let origin = Origin::start().await;
    for field in ["actorid", "ips", "Tenant", "expires_at", ""] {
        let mut body = json!({ "tenant": "demo", "actor_type": "user", "actor_id": "ada" });
        body[field] = json!(null);
        post(&origin, &body).refused_field("unknown_field", field).await;
    }
    let body = json!({ "tenant": "demo", "actor_type": "user", "actor_id": "ada", "x".repeat(500): 1 });
    post(&origin, &body).refused_field("unknown_field", &"x".repeat(64)).await;
}

#[tokio::test]
async fn what_is_not_a_json_object_is_refused() {
    let origin = Origin::start().await;
    for body in ["", "{", "[]", "null", "\"text\"", "{} {}", "{\"tenant\":\"demo\",\"tenant\":\"demo\"}", "\u{feff}{}"]
    {
        let ask = origin.v1("POST", "/v1/sessions").header("content-type", "application/json").body(body);
        ask.refused(400, "invalid_json").await;
    }
    let invalid_utf8 = b"{\"tenant\":\"\xff\"}".to_vec();
    let ask = origin.v1("POST", "/v1/sessions").header("content-type", "application/json").body(invalid_utf8);
    ask.refused(400, "invalid_json").await;
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""] {
        let ask = origin.v1("POST", "/v1/sessions").header("content-type", content_type).body("{}");
        ask.refused(415, "content_type").await;
    }
    origin.v1("POST", "/v1/sessions").body("{}").refused(415, "content_type").await;
    let ask = origin.v1("POST", "/v1/sessions").json(&json!({ "tenant": "a".repeat(64 * 1024) }));
    ask.refused(413, "body_too_large").await;
}

#[tokio::test]
async fn a_charset_does_not_matter_and_a_clock_slightly_ahead_counts_as_now() {
    let origin = Origin::start().await;
    let body = json!({ "tenant": "demo", "actor_type": "user", "actor_id": "ada",
        "authenticated_at": "2026-06-01T12:00:04.999Z" });
    let ask = post(&origin, &body).header("content-type", "Application/JSON; charset=utf-8");
    let answer = ask.send().await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.json()["session"]["authenticated_at"], "2026-06-01T12:00:00.000Z");
}

#[tokio::test]
async fn ids_and_roles_that_do_not_fit_a_cookie_together_are_refused() {
    let origin = Origin::start().await;
    let roles: Vec<String> = (10..26).map(|n| format!("{n}{}", "r".repeat(30))).collect();
    let body = json!({ "tenant": "demo", "actor_type": "a".repeat(32), "actor_id": "b".repeat(128), "roles": roles });
    post(&origin, &body).refused_field("invalid_field", "roles").await;
}

#[tokio::test]
async fn a_tenant_that_is_not_the_callers_is_not_there() {
    let origin = Origin::start().await;
    for tenant in ["other", "nobody"] {
        let body = json!({ "tenant": tenant, "actor_type": "user", "actor_id": "ada" });
        post(&origin, &body).refused(404, "tenant_not_found").await;
    }
}

#[tokio::test]
async fn no_cookie_outlives_its_session() {
    let origin = Origin::start_with(|config| {
        config.lifetimes.access = Duration::from_hours(1);
        config.lifetimes.ordinary.idle = Duration::from_mins(20);
        config.lifetimes.ordinary.absolute = Duration::from_mins(10);
    })
    .await;
    let minted = origin.mint().await;
    for end in ["access_expires_at", "idle_expires_at", "absolute_expires_at"] {
        assert_eq!(minted.body["session"][end], "2026-06-01T12:10:00.000Z", "{end}");
    }
}
