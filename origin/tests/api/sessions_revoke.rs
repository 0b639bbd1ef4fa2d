//! `DELETE /v1/sessions/{id}` and `DELETE /v1/actors/{type}/{id}/sessions`.

use std::time::Duration;

use serde_json::{Value, json};

use crate::kit::Origin;

const ADA: &str = "/v1/actors/user/ada/sessions";

#[tokio::test]
async fn revoking_ends_a_session_once() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    let path = format!("/v1/sessions/{}", minted.id);
    assert_eq!(origin.check(&minted.id).await, "live");

    origin.wait(Duration::from_secs(5));
    let first = origin.v1("DELETE", &path).send().await;
    assert_eq!(first.status, 200);
    assert_eq!(first.json()["revoked_at"], "2026-06-01T12:00:05.000Z");
    assert_eq!((&first.json()["revoked_reason"], &first.json()["status"]), (&json!("admin"), &json!("revoked")));
    assert_eq!(origin.check(&minted.id).await, "revoked");

    origin.wait(Duration::from_secs(5));
    let again = origin.v1("DELETE", &path).send().await;
    assert_eq!((again.status, again.json()), (first.status, first.json()));
    assert_eq!(origin.v1("GET", &path).send().await.json(), first.json());
}

#[tokio::test]
async fn an_expired_session_can_still_be_revoked() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    origin.wait(Duration::from_hours(9));
    let answer = origin.v1("DELETE", &format!("/v1/sessions/{}", minted.id)).send().await;
    assert_eq!((answer.status.as_u16(), answer.json()["status"].as_str().unwrap()), (200, "revoked"));
}

#[tokio::test]
async fn an_actor_is_signed_out_everywhere() {
    let origin = Origin::start().await;
    let expired = origin.mint().await;
    origin.wait(Duration::from_hours(1));
    let (one, two) = (origin.mint().await, origin.mint().await);
    let (bob, service) = (
        origin.mint_with(json!({ "actor_id": "bob" })).await,
        origin.mint_with(json!({ "actor_type": "service" })).await,
    );
    assert_eq!(origin.v1("DELETE", ADA).send().await.json(), json!({ "revoked": 2 }));
    assert_eq!(origin.v1("DELETE", ADA).send().await.json(), json!({ "revoked": 0 }));
    for (session, status) in [(&one, "revoked"), (&two, "revoked"), (&bob, "live"), (&service, "live")] {
        assert_eq!(origin.check(&session.id).await, status);
    }
    let shown = origin.v1("GET", &format!("/v1/sessions/{}", expired.id)).send().await.json();
    assert_eq!((&shown["status"], &shown["revoked_at"]), (&json!("expired"), &Value::Null));
}

#[tokio::test]
async fn one_session_may_stay() {
    let origin = Origin::start().await;
    let (here, there) = (origin.mint().await, origin.mint().await);
    let answer = origin.v1("DELETE", &format!("{ADA}?except={}", here.id)).send().await;
    assert_eq!(answer.json(), json!({ "revoked": 1 }));
    assert_eq!(origin.check(&here.id).await, "live");
    assert_eq!(origin.check(&there.id).await, "revoked");
}

#[tokio::test]
async fn when_the_one_to_stay_is_not_there_nothing_is_revoked() {
    let origin = Origin::start().await;
    let ada = origin.mint().await;
    let bob = origin.mint_with(json!({ "actor_id": "bob" })).await;
    let ended = origin.mint().await;
    origin.v1("DELETE", &format!("/v1/sessions/{}", ended.id)).send().await;
    for except in [bob.id.as_str(), ended.id.as_str(), "ses-AAAAAAAAAAAAAAAAAAAAAA"] {
        origin.v1("DELETE", &format!("{ADA}?except={except}")).refused(404, "session_not_found").await;
    }
    assert_eq!(origin.check(&ada.id).await, "live");
    origin.v1("DELETE", &format!("{ADA}?except=here")).refused_field("invalid_field", "except").await;
    origin.v1("DELETE", &format!("{ADA}?exept={}", ada.id)).refused_field("unknown_field", "exept").await;
    assert_eq!(origin.check(&ada.id).await, "live");
}

#[tokio::test]
async fn an_actor_in_the_path_is_checked_like_one_in_a_body() {
    let origin = Origin::start().await;
    origin.v1("DELETE", "/v1/actors/User/ada/sessions").refused_field("invalid_field", "actor_type").await;
    origin.v1("DELETE", "/v1/actors/user/a%20b/sessions").refused_field("invalid_field", "actor_id").await;
    origin.v1("DELETE", "/v1/actors/user/%FF/sessions").refused(404, "not_found").await;
    let odd = origin.mint_with(json!({ "actor_id": "a/b?c#d" })).await;
    let answer = origin.v1("DELETE", "/v1/actors/user/a%2Fb%3Fc%23d/sessions").send().await;
    assert_eq!(answer.json(), json!({ "revoked": 1 }));
    assert_eq!(origin.check(&odd.id).await, "revoked");
}
