//! `GET /auth/session`: who am I?

use std::time::Duration;

use serde_json::json;

use crate::kit::Origin;

#[tokio::test]
async fn a_live_session_is_told_who_it_is() {
    let origin = Origin::start().await;
    let minted = origin.mint_with(json!({ "label": "phone", "roles": ["admin"], "assurance": 1 })).await;
    let answer = origin.browser("GET", "/auth/session").cookie(&minted.cookie).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(
        answer.json(),
        json!({
            "session": {
                "id": minted.id, "tenant": "demo", "actor_type": "user", "actor_id": "ada", "label": "phone",
                "device_name": null, "assurance": 1, "roles": ["admin"], "remember": false,
                "authenticated_at": "2026-06-01T12:00:00.000Z", "access_expires_at": minted.access_expires_at(),
                "idle_expires_at": "2026-06-01T13:00:00.000Z", "absolute_expires_at": "2026-06-01T20:00:00.000Z",
            },
            "csrf_token": minted.body["csrf_token"],
        })
    );
    assert!(answer.set_cookies().is_empty());
}

#[tokio::test]
async fn every_refusal_has_the_label_of_its_reason() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    let samples = origin.v1("GET", "/v1/dev/samples?tenant=demo").send().await.json();
    let sample = |name: &str| format!("__Host-sg={}", samples[name].as_str().unwrap());
    let two = format!("{}; {}", minted.cookie, origin.mint().await.cookie);
    for (cookie, code) in [
        ("", "missing"),
        ("theme=dark", "missing"),
        ("sg=v1.a.b.c", "missing"),
        ("__host-sg=v1.a.b.c", "missing"),
        ("__Host-sg=", "malformed"),
        ("__Host-sg=nonsense", "malformed"),
        (&minted.cookie.replace("=v1.", "=v2."), "unknown_version"),
        (&format!("__Host-sg={}", "a".repeat(1_025)), "too_long"),
        (&sample("bent"), "bad_mac"),
        (&sample("expired"), "expired"),
        (&sample("other_tenant"), "unknown_kid"),
        (&two, "ambiguous_session"),
    ] {
        origin.browser("GET", "/auth/session").cookie(cookie).refused(401, code).await;
    }
    origin.browser("GET", "/auth/session").refused(401, "missing").await;
    let good = origin.browser("GET", "/auth/session").cookie(&sample("good")).send().await;
    assert_eq!(good.status, 200, "{}", good.text());
}

#[tokio::test]
async fn the_token_ends_before_the_session_and_a_revoked_one_is_refused_at_once() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    let ask = || origin.browser("GET", "/auth/session").cookie(&minted.cookie);
    origin.wait(minted.access_lifetime().saturating_sub(Duration::from_millis(1)));
    assert_eq!(ask().send().await.status, 200);
    origin.wait(Duration::from_millis(1));
    ask().refused(401, "expired").await;

    let fresh = origin.mint().await;
    origin.v1("DELETE", &format!("/v1/sessions/{}", fresh.id)).send().await;
    origin.browser("GET", "/auth/session").cookie(&fresh.cookie).refused(401, "revoked").await;
}

#[tokio::test]
async fn a_well_made_token_is_nothing_without_its_row() {
    let origin = Origin::start().await;
    let (minted, bob) = (origin.mint().await, origin.mint_with(json!({ "actor_id": "bob" })).await);
    let database = origin.database().await;
    // As if an edge that leaked its keys had made a token that says `ada` for a session that is bob's.
    database.execute(&format!("update sessions set actor_id = 'eve' where id = '{}'", bob.id)).await.unwrap();
    origin.browser("GET", "/auth/session").cookie(&bob.cookie).refused(401, "revoked").await;
    database.execute(&format!("delete from sessions where id = '{}'", minted.id)).await.unwrap();
    origin.browser("GET", "/auth/session").cookie(&minted.cookie).refused(401, "revoked").await;
    assert_eq!(origin.check(&minted.id).await, "revoked");
}

#[tokio::test]
async fn a_session_before_sign_in_is_nobody() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    let database = origin.database().await;
    database.execute("update sessions set pre_login = true").await.unwrap();
    origin.browser("GET", "/auth/session").cookie(&minted.cookie).refused(401, "revoked").await;
    origin.v1("GET", &format!("/v1/sessions/{}", minted.id)).refused(404, "session_not_found").await;
    assert_eq!(origin.check(&minted.id).await, "revoked");
    let answer = origin.v1("DELETE", "/v1/actors/user/ada/sessions").send().await;
    assert_eq!(answer.json(), json!({ "revoked": 0 }));
}

#[tokio::test]
async fn only_an_edge_of_the_tenant_may_ask() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    let (_, narrow) = origin.create_edge("narrow", &["other"]).await;
    let ask = || origin.browser("GET", "/auth/session").cookie(&minted.cookie);
    ask().header("x-sealgate-edge", &narrow).refused(401, "edge_credential").await;
    ask().header("x-sealgate-tenant", "nobody").refused(401, "edge_credential").await;
    ask().header("x-sealgate-tenant", "").refused(401, "edge_credential").await;
    let nobody = origin.public("GET", "/auth/session").cookie(&minted.cookie);
    nobody.header("x-sealgate-tenant", "demo").refused(401, "edge_credential").await;
}

#[tokio::test]
async fn cookies_over_several_lines_are_read_as_one() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    let junk = format!("a=b; __Host-sg=junk; \t{} ;c=d", minted.cookie);
    let answer = origin.browser("GET", "/auth/session").cookie(&junk).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[tokio::test]
async fn development_names_are_read_only_where_they_were_asked_for() {
    let ours = Origin::start().await;
    let plain = ours.mint().await.cookie.replace("__Host-sg=", "sg=");
    ours.browser("GET", "/auth/session").cookie(&plain).refused(401, "missing").await;

    let dev = Origin::start_with(|config| config.cookies = sealgate_shared::cookie::CookieNames::Dev).await;
    let minted = dev.mint().await;
    let line = minted.body["set_cookie"][0].as_str().unwrap();
    assert!(line.starts_with("sg=v1.") && !line.contains("Secure"), "{line}");
    assert_eq!(dev.browser("GET", "/auth/session").cookie(&minted.cookie).send().await.status, 200);
}
