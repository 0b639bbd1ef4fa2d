//! `POST /internal/check` and the credential of an edge.

use std::time::Duration;

use serde_json::json;

use crate::kit::{Origin, bend};

#[tokio::test]
async fn a_session_is_live_until_its_absolute_expiry() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    origin.wait(Duration::from_hours(8) - Duration::from_millis(1));
    assert_eq!(origin.check(&minted.id).await, "live");
    origin.wait(Duration::from_millis(1));
    assert_eq!(origin.check(&minted.id).await, "revoked");
}

#[tokio::test]
async fn without_a_row_or_in_another_tenant_it_is_revoked() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    assert_eq!(origin.check("ses-AAAAAAAAAAAAAAAAAAAAAA").await, "revoked");
    let body = json!({ "tenant": "other", "session": minted.id });
    let answer = origin.internal("POST", "/internal/check").json(&body).send().await;
    assert_eq!(answer.json(), json!({ "status": "revoked", "age_ms": 0 }));
}

#[tokio::test]
async fn an_edge_may_ask_about_its_own_tenants_only() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    let (_, credential) = origin.create_edge("narrow", &["other"]).await;
    let body = json!({ "tenant": "demo", "session": minted.id });
    let ask = origin.internal("POST", "/internal/check").header("x-sealgate-edge", &credential).json(&body);
    ask.refused(403, "tenant_not_allowed").await;
    let body = json!({ "tenant": "nobody", "session": minted.id });
    origin.internal("POST", "/internal/check").json(&body).refused(403, "tenant_not_allowed").await;
}

#[tokio::test]
async fn every_other_credential_is_refused_before_the_body_is_looked_at() {
    let origin = Origin::start().await;
    let proof = origin.edge.split_once('.').unwrap().1.to_owned();
    let (_, other) = origin.create_edge("second", &["demo"]).await;
    let other_proof = other.split_once('.').unwrap().1;
    for credential in [
        String::new(),
        "dev".to_owned(),
        "dev.".to_owned(),
        proof.clone(),
        format!("nobody.{proof}"),
        format!("dev.{other_proof}"),
        format!("dev.{}", bend(&proof)),
        format!("dev.{proof}A"),
        format!("DEV.{proof}"),
        format!(" dev.{proof}"),
        origin.token.clone(),
    ] {
        let ask = origin.private("POST", "/internal/check").header("x-sealgate-edge", &credential).body("{");
        ask.refused(401, "edge_credential").await;
        let ask = origin.private("GET", "/internal/keyring").header("x-sealgate-edge", &credential);
        ask.refused(401, "edge_credential").await;
    }
    origin.private("POST", "/internal/check").refused(401, "edge_credential").await;
    origin.private("POST", "/internal/check").bearer(&origin.token).refused(401, "edge_credential").await;
}

#[tokio::test]
async fn a_revoked_edge_is_nobody() {
    let origin = Origin::start().await;
    let database = origin.database().await;
    database.execute("update edges set revoked_at = '2026-06-01T12:00:00.000Z'").await.unwrap();
    origin.internal("GET", "/internal/keyring").refused(401, "edge_credential").await;
    origin.browser("GET", "/auth/session").refused(401, "edge_credential").await;
}

#[tokio::test]
async fn the_question_has_two_fields() {
    let origin = Origin::start().await;
    let ask = |body| origin.internal("POST", "/internal/check").json(&body);
    ask(json!({ "tenant": "demo" })).refused_field("invalid_field", "session").await;
    ask(json!({ "session": "ses-AAAAAAAAAAAAAAAAAAAAAA" })).refused_field("invalid_field", "tenant").await;
    ask(json!({ "tenant": "demo", "session": "x" })).refused_field("invalid_field", "session").await;
    let body = json!({ "tenant": "demo", "session": "ses-AAAAAAAAAAAAAAAAAAAAAA", "cookie": "v1.x" });
    ask(body).refused_field("unknown_field", "cookie").await;
}
