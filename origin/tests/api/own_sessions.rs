//! `/auth/sessions`: where I am signed in, and signing out there.

use std::time::Duration;

use serde_json::{Value, json};

use super::auth_logout::CLEARED;
use crate::kit::{Ask, Minted, Origin};

fn ask(origin: &Origin, own: &Minted, method: &str, path: &str) -> Ask {
    origin.browser(method, path).same_site().cookie(&own.cookie)
}

async fn list(origin: &Origin, own: &Minted) -> Vec<Value> {
    let answer = ask(origin, own, "GET", "/auth/sessions").send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["sessions"].as_array().unwrap().clone()
}

async fn reason(origin: &Origin, minted: &Minted) -> Value {
    origin.v1("GET", &format!("/v1/sessions/{}", minted.id)).send().await.json()["revoked_reason"].clone()
}

#[tokio::test]
async fn everybody_sees_their_own_live_sessions_and_no_other() {
    let origin = Origin::start().await;
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let phone = origin.mint_with(json!({ "label": "phone", "remember": true, "user_agent": firefox })).await;
    let (ended, _) = (origin.mint().await, origin.mint_with(json!({ "actor_id": "bob" })).await);
    origin.mint_with(json!({ "actor_type": "service" })).await;
    origin.v1("DELETE", &format!("/v1/sessions/{}", ended.id)).send().await;
    origin.wait(Duration::from_mins(1));
    let own = origin.mint().await;
    assert_eq!(
        list(&origin, &own).await,
        [
            json!({
                "id": own.id, "label": null, "device_name": null, "channel": "cookie", "current": true,
                "remember": false, "created_at": "2026-06-01T12:01:00.000Z", "last_seen_at": "2026-06-01T12:01:00.000Z",
                "idle_expires_at": "2026-06-01T13:01:00.000Z", "absolute_expires_at": "2026-06-01T20:01:00.000Z",
            }),
            json!({
                "id": phone.id, "label": "phone", "device_name": "Firefox on Linux", "channel": "cookie",
                "current": false, "remember": true, "created_at": "2026-06-01T12:00:00.000Z",
                "last_seen_at": "2026-06-01T12:00:00.000Z", "idle_expires_at": "2026-06-15T12:00:00.000Z",
                "absolute_expires_at": "2026-07-01T12:00:00.000Z",
            }),
        ]
    );
    origin.browser("GET", "/auth/sessions").refused(401, "missing").await;
    let answer = ask(&origin, &own, "GET", "/auth/sessions?limit=1").send().await.json();
    let next = answer["next_cursor"].as_str().unwrap();
    let answer = ask(&origin, &own, "GET", &format!("/auth/sessions?limit=1&cursor={next}")).send().await.json();
    assert_eq!((&answer["sessions"][0]["id"], &answer["next_cursor"]), (&json!(phone.id), &Value::Null));
}

#[tokio::test]
async fn a_device_is_given_a_name_and_loses_it() {
    let origin = Origin::start().await;
    let (own, phone) = (origin.mint().await, origin.mint().await);
    let path = format!("/auth/sessions/{}", phone.id);
    let label = |label: Value| ask(&origin, &own, "PATCH", &path).json(&json!({ "label": label }));
    for name in [json!("Ada’s 電話 \u{202e}"), json!("x".repeat(64)), json!("ä".repeat(64)), Value::Null] {
        let answer = label(name.clone()).send().await;
        assert_eq!((answer.status.as_u16(), &answer.json()["label"]), (200, &name));
        assert_eq!(answer.json()["current"], false);
        assert_eq!(list(&origin, &own).await.iter().find(|found| found["id"] == phone.id).unwrap()["label"], name);
    }
    for wrong in [json!(""), json!("x".repeat(65)), json!("a\u{7}b"), json!("a\nb"), json!(7)] {
        label(wrong).refused_field("invalid_field", "label").await;
    }
    let ask = |body: Value| ask(&origin, &own, "PATCH", &path).json(&body);
    ask(json!({})).refused_field("invalid_field", "label").await;
    ask(json!({ "label": "x", "remember": true })).refused_field("unknown_field", "remember").await;
}

#[tokio::test]
async fn one_device_is_signed_out_and_the_others_stay() {
    let origin = Origin::start().await;
    let (own, phone, tablet) = (origin.mint().await, origin.mint().await, origin.mint().await);
    let end = || ask(&origin, &own, "DELETE", &format!("/auth/sessions/{}", phone.id));
    let answer = end().send().await;
    assert_eq!((answer.json(), answer.set_cookies().len()), (json!({ "revoked": 1 }), 0));
    assert_eq!(reason(&origin, &phone).await, "sign_out");
    assert_eq!(origin.check(&phone.id).await, "revoked");
    origin.browser("GET", "/auth/session").cookie(&phone.cookie).refused(401, "revoked").await;
    assert_eq!(end().send().await.json(), json!({ "revoked": 0 }), "once more changes nothing");
    assert_eq!((origin.check(&own.id).await, origin.check(&tablet.id).await), ("live".into(), "live".into()));
    let entries = "select count(*) from revocations where kind = 'session'";
    assert_eq!(origin.database().await.number(entries).await, 1, "and it is in the feed");
}

#[tokio::test]
async fn signing_out_the_device_in_hand_clears_its_cookies() {
    let origin = Origin::start_with(|config| config.clear_site_data = true).await;
    let (own, all) = (origin.mint().await, origin.mint().await);
    let answer = ask(&origin, &own, "DELETE", &format!("/auth/sessions/{}", own.id)).send().await;
    assert_eq!((answer.json(), answer.set_cookies()), (json!({ "revoked": 1 }), CLEARED.map(str::to_owned).to_vec()));
    assert!(answer.headers.contains_key("clear-site-data"));
    let answer = ask(&origin, &all, "DELETE", "/auth/sessions").send().await;
    assert_eq!((answer.json(), answer.set_cookies()), (json!({ "revoked": 1 }), CLEARED.map(str::to_owned).to_vec()));
    ask(&origin, &all, "GET", "/auth/sessions").refused(401, "revoked").await;
}

#[tokio::test]
async fn all_others_are_signed_out_at_once() {
    let origin = Origin::start().await;
    let (own, phone, tablet) = (origin.mint().await, origin.mint().await, origin.mint().await);
    let bob = origin.mint_with(json!({ "actor_id": "bob" })).await;
    let answer = ask(&origin, &own, "DELETE", "/auth/sessions?except=current").send().await;
    assert_eq!((answer.json(), answer.set_cookies().len()), (json!({ "revoked": 2 }), 0));
    for (minted, standing) in [(&own, "live"), (&phone, "revoked"), (&tablet, "revoked"), (&bob, "live")] {
        assert_eq!(origin.check(&minted.id).await, standing);
    }
    assert_eq!(reason(&origin, &phone).await, "sign_out");
    let wrong = ask(&origin, &own, "DELETE", &format!("/auth/sessions?except={}", phone.id));
    wrong.refused_field("invalid_field", "except").await;
}

#[tokio::test]
async fn what_is_somebody_elses_is_not_there() {
    let origin = Origin::start().await;
    let own = origin.mint().await;
    let bob = origin.mint_with(json!({ "actor_id": "bob" })).await;
    let service = origin.mint_with(json!({ "actor_type": "service" })).await;
    let token = origin.create_token("other", "sessions:mint").await;
    let body = json!({ "tenant": "other", "actor_type": "user", "actor_id": "ada" });
    let stranger = origin.private("POST", "/v1/sessions").bearer(&token).json(&body).send().await.json();
    let stranger = stranger["session"]["id"].as_str().unwrap();
    for id in [&bob.id, &service.id, stranger, "ses-AAAAAAAAAAAAAAAAAAAAAA", "nonsense", &own.id.to_lowercase()] {
        let path = format!("/auth/sessions/{id}");
        ask(&origin, &own, "DELETE", &path).refused(404, "session_not_found").await;
        let label = ask(&origin, &own, "PATCH", &path).json(&json!({ "label": "mine" }));
        label.refused(404, "session_not_found").await;
    }
    assert_eq!((origin.check(&bob.id).await, origin.check(&service.id).await), ("live".into(), "live".into()));
    let labelled = "select count(*) from sessions where label is not null or revoked_at is not null";
    assert_eq!(origin.database().await.number(labelled).await, 0);
}

#[tokio::test]
async fn a_session_that_is_over_has_no_name_to_change() {
    let origin = Origin::start().await;
    let phone = origin.mint().await;
    origin.wait(Duration::from_mins(61));
    let own = origin.mint().await;
    let path = format!("/auth/sessions/{}", phone.id);
    ask(&origin, &own, "PATCH", &path).json(&json!({ "label": "x" })).refused(404, "session_not_found").await;
    assert_eq!(list(&origin, &own).await.len(), 1);
}
