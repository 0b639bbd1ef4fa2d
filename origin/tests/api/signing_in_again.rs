//! `/auth/login?max_age=`: a route wants a recent sign-in.

use std::time::Duration;

use serde_json::{Value, json};

use crate::kit::{Answer, Minted, Origin};

const PAGE: &str = "/auth/login?return_to=/vault&max_age=300";

async fn post(origin: &Origin, cookie: &str, form: &str) -> Answer {
    origin.browser("POST", "/auth/login").same_site().cookie(cookie).form(form).send().await
}

async fn show(origin: &Origin, cookie: &str) -> String {
    let answer = origin.browser("GET", PAGE).cookie(cookie).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.text()
}

async fn shown(origin: &Origin, id: &str) -> Value {
    origin.v1("GET", &format!("/v1/sessions/{id}")).send().await.json()
}

fn all_cookies(minted: &Minted) -> String {
    let lines = minted.body["set_cookie"].as_array().unwrap().iter().filter_map(Value::as_str);
    lines.map(|line| line.split(';').next().unwrap()).collect::<Vec<_>>().join("; ")
}

#[tokio::test]
async fn the_same_person_signs_in_again_and_the_new_session_takes_the_place_of_the_old() {
    let origin = Origin::start().await;
    let old = origin.mint_with(json!({ "label": "desk", "remember": true })).await;
    assert!(!show(&origin, &old.cookie).await.contains(" readonly"), "it is recent enough");
    origin.wait(Duration::from_secs(299));
    assert!(!show(&origin, &old.cookie).await.contains(" readonly"));
    origin.wait(Duration::from_secs(1));
    let page = show(&origin, &old.cookie).await;
    for part in ["Sign in again", "value=\"ada\"", " readonly", "name=\"max_age\" value=\"300\"", " checked"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let answer = post(&origin, &old.cookie, "name=ada&remember=on&return_to=/vault&max_age=300").await;
    assert_eq!((answer.status.as_u16(), &answer.headers["location"]), (303, &"/vault".parse().unwrap()));
    let cookie = answer.set_cookies()[0].split(';').next().unwrap().to_owned();
    let new = origin.browser("GET", "/auth/session").cookie(&cookie).send().await.json()["session"].clone();
    assert_ne!(new["id"], old.id.as_str());
    assert_eq!((&new["actor_id"], &new["label"]), (&json!("ada"), &json!("desk")));
    assert_eq!(new["authenticated_at"], "2026-06-01T12:05:00.000Z");
    assert_eq!(shown(&origin, &old.id).await["revoked_reason"], "rotation");
    assert_eq!(origin.check(&old.id).await, "revoked");
}

#[tokio::test]
async fn nobody_else_signs_in_instead() {
    let origin = Origin::start().await;
    let old = origin.mint().await;
    origin.wait(Duration::from_mins(6));
    let answer = post(&origin, &old.cookie, "name=eve&return_to=/vault&max_age=300").await;
    assert_eq!(answer.status, 422);
    let page = answer.text();
    assert!(page.contains("role=\"alert\"") && page.contains("same person"), "{page}");
    assert!(page.contains("value=\"ada\"") && page.contains(" readonly"), "{page}");
    assert!(answer.set_cookies().is_empty());
    assert_eq!(origin.database().await.number("select count(*) from sessions").await, 1);
    assert_eq!(shown(&origin, &old.id).await["status"], "live");
}

#[tokio::test]
async fn it_is_the_same_person_also_where_the_access_token_has_expired_over_the_page() {
    let origin = Origin::start().await;
    let old = origin.mint().await;
    origin.wait(Duration::from_mins(20));
    for cookie in [&old.cookie, &all_cookies(&old)] {
        assert_eq!(post(&origin, cookie, "name=eve&max_age=300").await.status, 422);
    }
    let refresh = all_cookies(&old).split("; ").find(|pair| pair.starts_with("__Host-sg_refresh=")).unwrap().to_owned();
    assert_eq!(post(&origin, &refresh, "name=eve&max_age=300").await.status, 422);
    assert_eq!(post(&origin, &refresh, "name=ada&max_age=300").await.status, 303);
    assert_eq!(shown(&origin, &old.id).await["revoked_reason"], "rotation");
}

#[tokio::test]
async fn who_is_signed_out_just_signs_in() {
    let origin = Origin::start().await;
    let old = origin.mint().await;
    origin.v1("DELETE", &format!("/v1/sessions/{}", old.id)).send().await;
    origin.wait(Duration::from_mins(6));
    for cookie in ["", &old.cookie] {
        assert!(!show(&origin, cookie).await.contains(" readonly"));
        assert_eq!(post(&origin, cookie, "name=eve&max_age=300").await.status, 303);
    }
}

#[tokio::test]
async fn without_max_age_another_may_sign_in_beside() {
    let origin = Origin::start().await;
    let old = origin.mint().await;
    origin.wait(Duration::from_mins(6));
    assert_eq!(post(&origin, &old.cookie, "name=eve").await.status, 303);
    assert_eq!(post(&origin, &old.cookie, "name=eve&max_age=soon").await.status, 303);
    assert_eq!(origin.check(&old.id).await, "live");
    let page = origin.browser("GET", "/auth/login?max_age=soon").cookie(&old.cookie).send().await;
    assert_eq!((page.status.as_u16(), page.text().contains(" readonly")), (200, false));
}
