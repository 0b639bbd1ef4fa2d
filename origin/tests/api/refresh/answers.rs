//! What is answered, and what the row says then.

use std::time::Duration;

use sealgate_shared::id::TenantId;
use sealgate_shared::token::{Sealed, TokenKind};
use serde_json::{Value, json};

use super::super::internal_keyring::open_ring;
use super::{CURL, FIREFOX, code, generation, mint, refresh_token, show, show_to, token};
use crate::kit::database::Moment;
use crate::kit::{Origin, START};

/// The session as backends see it.
async fn shown(origin: &Origin, id: &str) -> Value {
    origin.v1("GET", &format!("/v1/sessions/{id}")).send().await.json()
}

#[tokio::test]
async fn the_next_generation_has_new_tokens_and_the_same_session() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    let before = shown(&origin, &minted.id).await;
    origin.wait(Duration::from_mins(16));
    let answer = show(&origin, &refresh_token(&minted.body)).await;
    assert_eq!(answer["status"], "refreshed", "{answer}");

    let tenant: TenantId = "demo".parse().unwrap();
    let access = answer["access_token"].as_str().unwrap();
    let ring = open_ring(&origin).await;
    assert_eq!(answer["keyring"], ring.version);
    let sealed = Sealed::parse(access).unwrap();
    let token = sealed.authenticate(TokenKind::Access, &ring.to_ring().unwrap(), &tenant).unwrap();
    let claims = token.claims();
    let now = START + 16 * 60_000;
    assert_eq!((claims.session.to_string(), claims.generation), (minted.id.clone(), 1));
    assert_eq!((claims.issued_at.as_u64(), claims.authenticated_at.as_u64()), (now, START));
    let lifetime = claims.expires_at.since(claims.issued_at);
    assert!((855_000..=900_000).contains(&lifetime), "{lifetime}");

    let lines: Vec<&str> = answer["set_cookie"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0], format!("__Host-sg={access}; Path=/; Secure; HttpOnly; SameSite=Lax"));
    let refresh = answer["refresh_token"].as_str().unwrap();
    assert_eq!(lines[1], format!("__Host-sg_refresh={refresh}; Path=/; Secure; HttpOnly; SameSite=Lax"));
    assert!(lines[2].starts_with("__Host-sg_csrf=") && lines[2].ends_with("; Path=/; Secure; SameSite=Lax"));

    let mut expected = before;
    expected["generation"] = json!(1);
    expected["last_seen_at"] = json!("2026-06-01T12:16:00.000Z");
    expected["idle_expires_at"] = json!("2026-06-01T13:16:00.000Z");
    let after = shown(&origin, &minted.id).await;
    expected["access_expires_at"] = after["access_expires_at"].clone();
    assert_eq!(after, expected);
}

/// What a step, and a step alone, moves; and whether the present generation was shown.
type Row = (String, i64, Moment, Moment, bool);

async fn row(origin: &Origin, id: &str) -> Row {
    let columns = "signing_key, generation, issued_at, last_seen_at, presented";
    let sql = format!("select {columns} from sessions where id = '{id}'");
    origin.database().await.rows(&sql).await.remove(0)
}

#[tokio::test]
async fn while_the_window_is_open_everybody_is_answered_the_same_and_nothing_moves() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    let first = refresh_token(&minted.body);
    origin.wait(Duration::from_mins(16));
    let won = show(&origin, &first).await;
    let second = token(&won);
    assert_ne!(second, first);
    let before = row(&origin, &minted.id).await;
    for _ in 0..3 {
        origin.wait(Duration::from_secs(19));
        assert_eq!(show(&origin, &first).await, won, "who comes with the token before");
    }
    assert_eq!(row(&origin, &minted.id).await, before);
    assert_eq!(show(&origin, &second).await, won, "who comes with the present one");
    let (key, generation_before, issued_at, seen_at, presented) = before;
    assert!(!presented);
    assert_eq!(row(&origin, &minted.id).await, (key, generation_before, issued_at, seen_at, true), "it has arrived");
    origin.wait(Duration::from_secs(3));
    let third = show(&origin, &second).await;
    assert_ne!(token(&third), second, "the window has closed");
    assert_eq!(generation(&origin, &minted.id).await, 2);
}

#[tokio::test]
async fn a_session_just_made_is_given_again_as_it_was_minted() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    let answer = show(&origin, &refresh_token(&minted.body)).await;
    assert_eq!(answer["set_cookie"], minted.body["set_cookie"]);
    assert_eq!(generation(&origin, &minted.id).await, 0);
}

#[tokio::test]
async fn a_browser_that_was_updated_is_known_by_its_new_name() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    origin.wait(Duration::from_mins(16));
    let next = token(&show_to(&origin, &origin.app, &refresh_token(&minted.body), CURL).await);
    assert_eq!(shown(&origin, &minted.id).await["device_name"], "curl");
    origin.wait(Duration::from_mins(16));
    let last = show_to(&origin, &origin.app, &next, FIREFOX).await;
    assert_eq!(shown(&origin, &minted.id).await["device_name"], "Firefox on Linux");
    // It is the new one that the tokens before are good for now.
    assert_eq!(show(&origin, &next).await, last);
    assert_eq!(code(&show_to(&origin, &origin.app, &next, CURL).await), "reuse");
}

#[tokio::test]
async fn sessions_that_began_together_do_not_end_together() {
    let origin = Origin::start().await;
    let mut ends = Vec::new();
    for _ in 0..32 {
        let minted = origin.mint().await;
        ends.push(minted.body["session"]["access_expires_at"].as_str().unwrap().to_owned());
    }
    ends.sort();
    ends.dedup();
    assert!(ends.len() > 24, "{ends:?}");
    assert!(ends.iter().all(|end| ("2026-06-01T12:14:15.000Z"..="2026-06-01T12:15:00.000Z").contains(&end.as_str())));
}

#[tokio::test]
async fn what_is_known_of_the_actor_travels_from_the_next_generation_on() {
    let origin = Origin::start().await;
    let minted = origin.mint_with(json!({ "user_agent": FIREFOX, "roles": ["reader"], "assurance": 1 })).await;
    let database = origin.database().await;
    let add = "insert into actors (tenant, actor_type, actor_id, roles, assurance, updated_at) \
        values ('demo', 'user', 'ada', 'admin,writer', null, '2026-06-01T12:00:00.000Z')";
    database.execute(add).await.unwrap();
    // Not while the same answer is given again.
    let again = show(&origin, &refresh_token(&minted.body)).await;
    assert_eq!(again["set_cookie"], minted.body["set_cookie"]);
    origin.wait(Duration::from_mins(16));
    token(&show(&origin, &refresh_token(&minted.body)).await);
    let session = shown(&origin, &minted.id).await;
    assert_eq!((&session["roles"], &session["assurance"]), (&json!(["admin", "writer"]), &json!(1)));
}

#[tokio::test]
async fn roles_that_fit_no_token_stay_where_they_are() {
    let origin = Origin::start().await;
    let fields = json!({
        "user_agent": FIREFOX, "actor_type": "a".repeat(32), "actor_id": "b".repeat(128), "roles": ["reader"],
    });
    let minted = origin.mint_with(fields).await;
    let roles: Vec<String> = (10..26).map(|number| format!("{number}{}", "r".repeat(30))).collect();
    let add = format!(
        "insert into actors (tenant, actor_type, actor_id, roles, updated_at) \
         values ('demo', '{}', '{}', '{}', '2026-06-01T12:00:00.000Z')",
        "a".repeat(32),
        "b".repeat(128),
        roles.join(",")
    );
    origin.database().await.execute(&add).await.unwrap();
    origin.wait(Duration::from_mins(16));
    token(&show(&origin, &refresh_token(&minted.body)).await);
    assert_eq!(shown(&origin, &minted.id).await["roles"], json!(["reader"]));
}

#[tokio::test]
async fn an_edge_asks_for_its_own_tenants_and_says_all_there_is_to_say() {
    let origin = Origin::start().await;
    let minted = mint(&origin).await;
    let refresh = refresh_token(&minted.body);
    let body = json!({ "tenant": "demo", "refresh_token": refresh });
    let post = || origin.internal("POST", "/internal/refresh");
    let (_, narrow) = origin.create_edge("narrow", &["other"]).await;
    post().header("x-sealgate-edge", &narrow).json(&body).refused(403, "tenant_not_allowed").await;
    origin.private("POST", "/internal/refresh").json(&body).refused(401, "edge_credential").await;
    origin.v1("POST", "/internal/refresh").json(&body).refused(401, "edge_credential").await;
    post().json(&json!({ "tenant": "demo" })).refused_field("invalid_field", "refresh_token").await;
    post().json(&json!({ "refresh_token": refresh })).refused_field("invalid_field", "tenant").await;
    let more = json!({ "tenant": "demo", "refresh_token": refresh, "channel": "bearer" });
    post().json(&more).refused_field("unknown_field", "channel").await;
    // What a browser calls itself is no reason to refuse it.
    let odd = json!({
        "tenant": "demo", "refresh_token": refresh, "user_agent": "\u{1}".repeat(5_000), "ip": "somewhere",
    });
    assert_eq!(post().json(&odd).send().await.json()["status"], "refreshed");
}
