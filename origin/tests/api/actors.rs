//! `/v1/actors/{type}/{id}`: what is known of actors beyond their sessions.

use serde_json::{Value, json};

use crate::kit::{Answer, Origin};

const ADA: &str = "/v1/actors/user/ada";

async fn change(origin: &Origin, query: &str, body: Value) -> Answer {
    let answer = origin.v1("PATCH", &format!("{ADA}{query}")).json(&body).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer
}

fn ada(roles: &Value, assurance: &Value, live: u64) -> Value {
    json!({
        "actor_type": "user", "actor_id": "ada", "roles": roles, "assurance": assurance, "display_name": null,
        "updated_at": "2026-06-01T12:00:00.000Z", "live_sessions": live,
    })
}

#[tokio::test]
async fn what_is_said_stays_until_it_is_said_otherwise() {
    let origin = Origin::start().await;
    origin.v1("GET", ADA).refused(404, "actor_not_found").await;
    origin.mint().await;
    origin.mint_with(json!({ "actor_id": "bob" })).await;
    let changed = change(&origin, "", json!({ "roles": ["writer", "admin", "writer"] })).await;
    assert_eq!(changed.json(), ada(&json!(["admin", "writer"]), &Value::Null, 1));
    assert_eq!(
        change(&origin, "", json!({ "assurance": 2 })).await.json(),
        ada(&json!(["admin", "writer"]), &json!(2), 1)
    );
    assert_eq!(change(&origin, "", json!({ "roles": [] })).await.json(), ada(&json!([]), &json!(2), 1));
    assert_eq!(change(&origin, "", json!({})).await.json(), ada(&json!([]), &json!(2), 1));
    assert_eq!(origin.v1("GET", ADA).send().await.json(), ada(&json!([]), &json!(2), 1));
    origin.v1("GET", "/v1/actors/user/bob").refused(404, "actor_not_found").await;
}

#[tokio::test]
async fn mistakes_are_named() {
    let origin = Origin::start().await;
    let patch = |body: Value| origin.v1("PATCH", ADA).json(&body);
    patch(json!({ "roles": "admin" })).refused_field("invalid_field", "roles").await;
    patch(json!({ "roles": ["a b"] })).refused_field("invalid_field", "roles").await;
    patch(json!({ "assurance": 256 })).refused_field("invalid_field", "assurance").await;
    patch(json!({ "name": "Ada" })).refused_field("unknown_field", "name").await;
    let now = origin.v1("PATCH", &format!("{ADA}?now=yes")).json(&json!({}));
    now.refused_field("invalid_field", "now").await;
    let kind = origin.v1("PATCH", "/v1/actors/us%20er/ada").json(&json!({}));
    kind.refused_field("invalid_field", "actor_type").await;
    // No token of any of the actor's sessions would have room for these.
    let many: Vec<String> = (0..16).map(|number| format!("{number:064}")).collect();
    patch(json!({ "roles": many })).refused_field("invalid_field", "roles").await;
    origin.v1("GET", ADA).refused(404, "actor_not_found").await;
}

#[tokio::test]
async fn a_new_session_says_what_is_known_unless_the_caller_says_otherwise() {
    let origin = Origin::start().await;
    change(&origin, "", json!({ "roles": ["writer"], "assurance": 3 })).await;
    for (given, roles, assurance) in [
        (json!({}), json!(["writer"]), 3),
        (json!({ "roles": ["admin"] }), json!(["admin"]), 3),
        (json!({ "roles": [], "assurance": 0 }), json!([]), 0),
        (json!({ "assurance": 1 }), json!(["writer"]), 1),
        (json!({ "actor_id": "bob" }), json!([]), 0),
    ] {
        let session = &origin.mint_with(given.clone()).await.body["session"];
        assert_eq!((&session["roles"], &session["assurance"]), (&roles, &json!(assurance)), "{given}");
    }
}

#[tokio::test]
async fn at_once_means_that_older_tokens_are_refused_and_no_session_ends() {
    let origin = Origin::start().await;
    let (one, two) = (origin.mint().await, origin.mint().await);
    let bob = origin.mint_with(json!({ "actor_id": "bob" })).await;
    let marks = async || {
        let sql =
            "select kind, actor_id, issued_before > '2026-06-01T12:00:00.000Z' from revocations order by sequence";
        origin.database().await.rows::<(String, String, bool)>(sql).await
    };
    change(&origin, "?now=false", json!({ "roles": ["writer"] })).await;
    assert!(marks().await.is_empty());
    assert_eq!(change(&origin, "?now=true", json!({ "roles": ["writer"] })).await.json()["live_sessions"], 2);
    // Above the newest of their tokens, which was issued in this very millisecond.
    assert_eq!(marks().await, [("actor".to_owned(), "ada".to_owned(), true)]);
    for minted in [&one, &two, &bob] {
        assert_eq!(origin.check(&minted.id).await, "live", "memory holds no session for revoked that a mark hits");
        let body = json!({ "tenant": "demo", "session": minted.id, "exact": true });
        let exact = origin.internal("POST", "/internal/check").json(&body).send().await;
        assert_eq!(exact.json()["status"], "live");
        let shown = origin.v1("GET", &format!("/v1/sessions/{}", minted.id)).send().await.json();
        assert_eq!(shown["status"], "live");
        let me = origin.browser("GET", "/auth/session").cookie(&minted.cookie).send().await;
        assert_eq!(me.status, 200, "the origin goes by the row");
    }
    // A session that is made now is not hit.
    let new = origin.mint().await;
    assert_eq!(new.body["session"]["roles"], json!(["writer"]));
    assert_eq!(origin.check(&new.id).await, "live");
}

#[tokio::test]
async fn without_a_live_session_there_is_nobody_to_tell() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    origin.v1("DELETE", &format!("/v1/sessions/{}", minted.id)).send().await;
    assert_eq!(change(&origin, "?now=true", json!({ "assurance": 1 })).await.json()["live_sessions"], 0);
    let marks = "select count(*) from revocations where kind = 'actor'";
    assert_eq!(origin.database().await.number(marks).await, 0);
}

#[tokio::test]
async fn tenants_know_their_own_actors() {
    let origin = Origin::start().await;
    change(&origin, "", json!({ "roles": ["writer"] })).await;
    let token = origin.create_token("other", "sessions:read actors:write").await;
    origin.private("GET", ADA).bearer(&token).refused(404, "actor_not_found").await;
    let theirs =
        origin.private("PATCH", &format!("{ADA}?now=true")).bearer(&token).json(&json!({ "roles": ["admin"] }));
    assert_eq!(theirs.send().await.json()["roles"], json!(["admin"]));
    assert_eq!(origin.v1("GET", ADA).send().await.json()["roles"], json!(["writer"]));
}

#[tokio::test]
async fn an_actor_goes_with_the_tenant() {
    let origin = Origin::start().await;
    change(&origin, "", json!({ "roles": ["writer"] })).await;
    let operator = origin.create_operator_token().await;
    let delete = origin.private("DELETE", "/v1/tenants/demo?confirm=demo").bearer(&operator).send().await;
    assert_eq!(delete.status, 200, "{}", delete.text());
    assert_eq!(origin.database().await.number("select count(*) from actors").await, 0);
}
