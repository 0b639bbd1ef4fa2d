//! What belongs to another tenant is not there.

use serde_json::json;

use crate::kit::Origin;

#[tokio::test]
async fn another_tenants_token_finds_nothing_and_ends_nothing() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    let other = origin.create_token("other", "sessions:mint sessions:read sessions:revoke").await;
    let ask = |method: &str, path: &str| origin.private(method, path).bearer(&other);
    let path = format!("/v1/sessions/{}", minted.id);

    ask("GET", &path).refused(404, "session_not_found").await;
    ask("DELETE", &path).refused(404, "session_not_found").await;
    let except = format!("/v1/actors/user/ada/sessions?except={}", minted.id);
    ask("DELETE", &except).refused(404, "session_not_found").await;
    let body = json!({ "tenant": "demo", "actor_type": "user", "actor_id": "ada" });
    ask("POST", "/v1/sessions").json(&body).refused(404, "tenant_not_found").await;
    ask("GET", "/v1/dev/samples?tenant=demo").refused(404, "tenant_not_found").await;

    let listed = ask("GET", "/v1/sessions?actor_type=user&actor_id=ada&status=all").send().await;
    assert_eq!(listed.json(), json!({ "sessions": [], "next_cursor": null }));
    let revoked = ask("DELETE", "/v1/actors/user/ada/sessions").send().await;
    assert_eq!(revoked.json(), json!({ "revoked": 0 }));
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
    let moved = sqlx::query("update sessions set tenant = 'other' where id = $1").bind(&minted.id).execute(&database);
    assert!(moved.await.unwrap_err().to_string().contains("FOREIGN KEY"));
}
