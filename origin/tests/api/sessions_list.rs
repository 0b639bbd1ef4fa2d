//! `GET /v1/sessions` and `GET /v1/sessions/{id}`.

use std::time::Duration;

use serde_json::{Value, json};

use crate::kit::Origin;

const ADA: &str = "/v1/sessions?actor_type=user&actor_id=ada";

async fn list(origin: &Origin, path: &str) -> (Vec<String>, Option<String>) {
    let answer = origin.v1("GET", path).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let body = answer.json();
    let ids = body["sessions"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
    (ids, body["next_cursor"].as_str().map(str::to_owned))
}

#[tokio::test]
async fn an_actors_sessions_come_newest_first_and_nobody_elses() {
    let origin = Origin::start().await;
    let first = origin.mint().await;
    origin.wait(Duration::from_secs(1));
    let second = origin.mint().await;
    origin.mint_with(json!({ "actor_id": "bob" })).await;
    origin.mint_with(json!({ "actor_type": "service" })).await;
    assert_eq!(list(&origin, ADA).await, (vec![second.id, first.id], None));
}

#[tokio::test]
async fn pages_join_without_gap_or_repetition_also_within_one_millisecond() {
    let origin = Origin::start().await;
    let mut minted = Vec::new();
    for number in 0..7 {
        minted.push(origin.mint().await.id);
        if number == 3 {
            origin.wait(Duration::from_millis(1));
        }
    }
    let (mut seen, mut path) = (Vec::new(), format!("{ADA}&limit=2"));
    for page in 0..4 {
        let (ids, next) = list(&origin, &path).await;
        assert_eq!(ids.len(), if page == 3 { 1 } else { 2 });
        assert_eq!(next.is_none(), page == 3);
        seen.extend(ids);
        // Newer ones that come in between do not disturb.
        origin.wait(Duration::from_millis(1));
        origin.mint().await;
        path = format!("{ADA}&limit=2&cursor={}", next.unwrap_or_default());
    }
    minted.sort();
    let mut sorted = seen.clone();
    sorted.sort();
    assert_eq!(sorted, minted);
    let (exact, next) = list(&origin, &format!("{ADA}&limit=11")).await;
    assert_eq!((exact.len(), next), (11, None), "a page that is just full is the last one");
}

#[tokio::test]
async fn expired_and_revoked_ones_are_listed_only_when_asked_for() {
    let origin = Origin::start().await;
    let expired = origin.mint().await.id;
    origin.wait(Duration::from_mins(50));
    let revoked = origin.mint().await.id;
    origin.v1("DELETE", &format!("/v1/sessions/{revoked}")).send().await;
    let live = origin.mint().await.id;
    origin.wait(Duration::from_mins(10));

    assert_eq!(list(&origin, ADA).await.0, std::slice::from_ref(&live));
    assert_eq!(list(&origin, &format!("{ADA}&status=live")).await.0, std::slice::from_ref(&live));
    let answer = origin.v1("GET", &format!("{ADA}&status=all")).send().await.json();
    let mut statuses: Vec<(&str, &str)> = answer["sessions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["id"].as_str().unwrap(), one["status"].as_str().unwrap()))
        .collect();
    let mut expected = vec![(expired.as_str(), "expired"), (revoked.as_str(), "revoked"), (live.as_str(), "live")];
    statuses.sort_unstable();
    expected.sort_unstable();
    assert_eq!(statuses, expected);
}

#[tokio::test]
async fn every_mistake_in_the_query_names_its_parameter() {
    let origin = Origin::start().await;
    for (query, code, field) in [
        ("", "invalid_field", "actor_type"),
        ("?actor_type=user", "invalid_field", "actor_id"),
        ("?actor_type=User&actor_id=ada", "invalid_field", "actor_type"),
        ("?actor_type=user&actor_id=a%20b", "invalid_field", "actor_id"),
        ("?actor_type=user&actor_id=ada&limit=0", "invalid_field", "limit"),
        ("?actor_type=user&actor_id=ada&limit=201", "invalid_field", "limit"),
        ("?actor_type=user&actor_id=ada&limit=ten", "invalid_field", "limit"),
        ("?actor_type=user&actor_id=ada&cursor=AAAA", "invalid_field", "cursor"),
        ("?actor_type=user&actor_id=ada&cursor=", "invalid_field", "cursor"),
        ("?actor_type=user&actor_id=ada&status=dead", "invalid_field", "status"),
        ("?actor_type=user&actor_id=ada&tenant=demo", "unknown_field", "tenant"),
        ("?actor_type=user&actor_id=ada&actor_id=bob", "unknown_field", "actor_id"),
    ] {
        origin.v1("GET", &format!("/v1/sessions{query}")).refused_field(code, field).await;
    }
}

#[tokio::test]
async fn one_session_is_shown_as_it_was_minted() {
    let origin = Origin::start().await;
    let minted = origin.mint_with(json!({ "label": "phone" })).await;
    let answer = origin.v1("GET", &format!("/v1/sessions/{}", minted.id)).send().await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json(), minted.body["session"]);
    assert!(answer.json().get("fingerprint").is_none());
    origin.wait(Duration::from_hours(1));
    let answer = origin.v1("GET", &format!("/v1/sessions/{}", minted.id)).send().await.json();
    assert_eq!((answer["status"].as_str(), &answer["revoked_at"]), (Some("expired"), &Value::Null));
}

#[tokio::test]
async fn what_is_no_session_is_not_found() {
    let origin = Origin::start().await;
    for id in ["ses-AAAAAAAAAAAAAAAAAAAAAA", "ses-short", "sk-AAAAAAAAAAA", "%FF", "ses-AAAAAAAAAAAAAAAAAAAAAB"] {
        origin.v1("GET", &format!("/v1/sessions/{id}")).refused(404, "session_not_found").await;
        origin.v1("DELETE", &format!("/v1/sessions/{id}")).refused(404, "session_not_found").await;
    }
}
