//! A session that takes the place of another.

use serde_json::{Value, json};

use crate::kit::{Ask, Origin};

fn post(origin: &Origin, fields: &Value) -> Ask {
    let mut body = json!({ "tenant": "demo", "actor_type": "user", "actor_id": "ada" });
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    origin.v1("POST", "/v1/sessions").json(&body)
}

#[tokio::test]
async fn the_new_one_has_an_id_of_its_own_and_the_old_one_ends() {
    let origin = Origin::start().await;
    let old = origin.mint().await;
    let answer = post(&origin, &json!({ "replaces": old.id })).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let new = answer.json()["session"]["id"].as_str().unwrap().to_owned();
    assert_ne!(new, old.id);
    assert_eq!((origin.check(&old.id).await.as_str(), origin.check(&new).await.as_str()), ("revoked", "live"));
    let ended = origin.v1("GET", &format!("/v1/sessions/{}", old.id)).send().await.json();
    assert_eq!(ended["revoked_reason"], "rotation");
    origin.browser("GET", "/auth/session").cookie(&old.cookie).refused(401, "revoked").await;
}

#[tokio::test]
async fn nobody_elses_and_none_that_has_ended() {
    let origin = Origin::start().await;
    let bob = origin.mint_with(json!({ "actor_id": "bob" })).await;
    let machine = origin.mint_with(json!({ "actor_type": "service" })).await;
    let ended = origin.mint().await;
    origin.v1("DELETE", &format!("/v1/sessions/{}", ended.id)).send().await;
    let other = origin.create_token("other", "sessions:mint").await;
    let ada = json!({ "tenant": "other", "actor_type": "user", "actor_id": "ada" });
    let elsewhere = origin.private("POST", "/v1/sessions").bearer(&other).json(&ada).send().await.json();
    let elsewhere = elsewhere["session"]["id"].as_str().unwrap().to_owned();
    let before = origin.database().await.number("select count(*) from sessions").await;
    for id in [&bob.id, &machine.id, &ended.id, &elsewhere, "ses-AAAAAAAAAAAAAAAAAAAAAA"] {
        let problem = post(&origin, &json!({ "replaces": id })).refused(409, "replaces_mismatch").await.json();
        assert_eq!(problem["field"], "replaces", "{id}");
    }
    post(&origin, &json!({ "replaces": "yesterday" })).refused_field("invalid_field", "replaces").await;
    post(&origin, &json!({ "channel": "pigeon" })).refused_field("invalid_field", "channel").await;
    post(&origin, &json!({ "ip": "localhost" })).refused_field("invalid_field", "ip").await;
    assert_eq!(origin.database().await.number("select count(*) from sessions").await, before);
    for id in [&bob.id, &machine.id] {
        assert_eq!(origin.check(id).await, "live");
    }
}
