//! Rotating keys: one active key, nobody signed out.

use sealgate_shared::id::TenantId;
use serde_json::json;

use crate::kit::{Ask, Origin};

fn demo() -> TenantId {
    "demo".parse().unwrap()
}

fn kid(token: &str) -> String {
    format!("sk-{}", token.split('.').nth(1).unwrap())
}

async fn states(origin: &Origin) -> Vec<(String, i64)> {
    const SQL: &str = "select state, count(*) from signing_keys where tenant = 'demo' group by state order by state";
    sqlx::query_as(SQL).fetch_all(&origin.database().await).await.unwrap()
}

#[tokio::test]
async fn old_cookies_pass_and_new_ones_use_the_new_key() {
    let origin = Origin::start().await;
    let before = origin.mint().await;
    let rotation = origin.app.office().rotate(&demo()).await.unwrap();
    let after = origin.mint().await;
    assert_eq!(kid(&before.access), rotation.retired.to_string());
    assert_eq!(kid(&after.access), rotation.active.to_string());
    for minted in [&before, &after] {
        let answer = origin.browser("GET", "/auth/session").cookie(&minted.cookie).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.json()["csrf_token"], minted.body["csrf_token"], "derived under the session's own key");
    }
    let again = origin.app.office().rotate(&demo()).await.unwrap();
    assert_eq!(again.active, rotation.pending, "what was published first signs next");
    assert_eq!(states(&origin).await, [("active".into(), 1), ("pending".into(), 1), ("retired".into(), 2)]);
}

#[tokio::test]
async fn another_process_rotating_is_noticed_at_once() {
    let origin = Origin::start().await;
    origin.mint().await;
    let other = origin.start_another().await;
    // Twice: after one rotation it would sign with the key that was pending here, which is known.
    other.office().rotate(&demo()).await.unwrap();
    let rotation = other.office().rotate(&demo()).await.unwrap();
    // The other process signs with the newest key; this one verifies it without being told.
    let body = json!({ "tenant": "demo", "actor_type": "user", "actor_id": "ada" });
    let ask = Ask::new(other.private_router(), "POST", "/v1/sessions").bearer(&origin.token).json(&body);
    let minted = ask.send().await.json();
    let cookie = minted["set_cookie"][0].as_str().unwrap().split(';').next().unwrap().to_owned();
    let answer = origin.browser("GET", "/auth/session").cookie(&cookie).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    // And signs with it too.
    assert_eq!(kid(&origin.mint().await.access), rotation.active.to_string());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_rotations_end_with_one_active_key() {
    let origin = Origin::start().await;
    let other = origin.start_another().await;
    let rotations: Vec<_> = (0..12)
        .map(|number| {
            let app = if number % 2 == 0 { origin.app.clone() } else { other.clone() };
            tokio::spawn(async move { app.office().rotate(&demo()).await.unwrap() })
        })
        .collect();
    let mut promoted = Vec::new();
    for rotation in rotations {
        promoted.push(rotation.await.unwrap().active.to_string());
    }
    promoted.sort();
    promoted.dedup();
    assert_eq!(promoted.len(), 12, "every rotation promoted a key of its own");
    assert_eq!(states(&origin).await, [("active".into(), 1), ("pending".into(), 1), ("retired".into(), 12)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn minting_while_keys_rotate_never_signs_with_a_retired_key() {
    let origin = std::sync::Arc::new(Origin::start().await);
    let other = origin.start_another().await;
    let rotating = tokio::spawn(async move {
        for _ in 0..15 {
            other.office().rotate(&demo()).await.unwrap();
        }
    });
    let minting: Vec<_> = (0..4)
        .map(|_| {
            let origin = std::sync::Arc::clone(&origin);
            tokio::spawn(async move {
                let mut cookies = Vec::new();
                for _ in 0..15 {
                    cookies.push(origin.mint().await);
                }
                cookies
            })
        })
        .collect();
    let mut minted = Vec::new();
    for task in minting {
        minted.extend(task.await.unwrap());
    }
    rotating.await.unwrap();
    for session in &minted {
        let answer = origin.browser("GET", "/auth/session").cookie(&session.cookie).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let key: String = sqlx::query_scalar("select signing_key from sessions where id = $1")
            .bind(&session.id)
            .fetch_one(&origin.database().await)
            .await
            .unwrap();
        assert_eq!(key, kid(&session.access), "the row names the key that signed");
    }
}

#[tokio::test]
async fn a_stale_process_signs_again_rather_than_with_a_retired_key() {
    let origin = Origin::start().await;
    let stale = kid(&origin.mint().await.access);
    // By the back door, so that no cache in this process can have heard of it.
    let rotation = origin.start_another().await.office().rotate(&demo()).await.unwrap();
    assert_eq!(stale, rotation.retired.to_string());
    let minted = origin.mint().await;
    assert_eq!(kid(&minted.access), rotation.active.to_string());
}

#[tokio::test]
async fn a_second_active_or_pending_key_is_refused_by_the_database() {
    let origin = Origin::start().await;
    let database = origin.database().await;
    for state in ["active", "pending"] {
        let sql = format!(
            "insert into signing_keys (id, tenant, state, sealed, created_at) \
             values ('sk-AAAAAAAAAAA', 'demo', '{state}', zeroblob(69), '2026-06-01T12:00:00.000Z')"
        );
        let error = sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&database).await.unwrap_err();
        assert!(error.to_string().contains("UNIQUE"), "{error}");
    }
}

#[tokio::test]
async fn rotating_for_nobody_is_an_error() {
    let origin = Origin::start().await;
    let error = origin.app.office().rotate(&"nobody".parse().unwrap()).await.unwrap_err();
    assert_eq!(error.to_string(), "there is no tenant nobody");
}
