//! Rotating keys: one active key, nobody signed out.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use sealgate_origin::app::App;
use sealgate_origin::office::HousekeepingSettings;
use sealgate_origin::store::{RotateOutcome, RotateWhen};
use sealgate_shared::id::TenantId;
use serde_json::json;
use tokio::sync::Barrier;

use crate::kit::{Ask, Origin, START};

static DEMO: LazyLock<TenantId> = LazyLock::new(demo);
const ACTIVE: &str = "select id from signing_keys where tenant = 'demo' and state = 'active'";

fn demo() -> TenantId {
    "demo".parse().unwrap()
}

fn kid(token: &str) -> String {
    format!("sk-{}", token.split('.').nth(1).unwrap())
}

async fn states(origin: &Origin) -> Vec<(String, i64)> {
    const SQL: &str = "select state, count(*) from signing_keys where tenant = 'demo' group by state order by state";
    origin.database().await.rows(SQL).await
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
    let origin = Arc::new(Origin::start().await);
    let other = origin.start_another().await;
    let rotating = tokio::spawn(async move {
        for _ in 0..15 {
            other.office().rotate(&demo()).await.unwrap();
        }
    });
    let minting: Vec<_> = (0..4)
        .map(|_| {
            let origin = Arc::clone(&origin);
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
    let database = origin.database().await;
    for session in &minted {
        let answer = origin.browser("GET", "/auth/session").cookie(&session.cookie).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let sql = format!("select signing_key from sessions where id = '{}'", session.id);
        let (key,) = database.rows::<(String,)>(&sql).await.remove(0);
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
async fn rotating_for_nobody_is_an_error() {
    let origin = Origin::start().await;
    let error = origin.app.office().rotate(&"nobody".parse().unwrap()).await.unwrap_err();
    assert_eq!(error.to_string(), "there is no tenant nobody");
}

#[tokio::test]
async fn a_key_does_not_sign_before_every_edge_can_have_it() {
    let origin = Origin::start().await;
    let office = origin.app.office();
    let version = office.keyring_version().await.unwrap();
    let rotate = || office.rotate_keys(&DEMO, RotateWhen::published());
    for wait in [Duration::ZERO, Duration::from_millis(119_999)] {
        origin.wait(wait);
        let RotateOutcome::TooSoon { ready_at, .. } = rotate().await.unwrap() else { panic!("too soon") };
        assert_eq!(ready_at.as_u64(), START + 120_000);
    }
    assert_eq!(office.keyring_version().await.unwrap(), version, "no edge fetches a ring in which nothing changed");
    origin.wait(Duration::from_millis(1));
    let RotateOutcome::Rotated(rotation) = rotate().await.unwrap() else { panic!("it has been published") };
    let RotateOutcome::TooSoon { pending, ready_at } = rotate().await.unwrap() else { panic!("too soon") };
    assert_eq!((pending, ready_at.as_u64()), (rotation.pending, START + 240_000));
    assert_eq!(states(&origin).await, [("active".into(), 1), ("pending".into(), 1), ("retired".into(), 1)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_origins_that_rotate_at_once_one_does() {
    let origin = Origin::start().await;
    let other = origin.start_another().await;
    for round in 1..=20 {
        origin.wait(Duration::from_mins(2));
        let (active,): (String,) = origin.database().await.rows(ACTIVE).await.remove(0);
        let when = RotateWhen::published().while_active(active.parse().unwrap());
        let start = Arc::new(Barrier::new(2));
        let rotating = [origin.app.clone(), other.clone()].map(|app| {
            let start = Arc::clone(&start);
            tokio::spawn(async move {
                start.wait().await;
                app.office().rotate_keys(&DEMO, when).await.unwrap()
            })
        });
        let mut outcomes = Vec::new();
        for one in rotating {
            outcomes.push(one.await.unwrap());
        }
        let rotated = outcomes.iter().filter(|outcome| matches!(outcome, RotateOutcome::Rotated(_))).count();
        let late = outcomes.iter().filter(|outcome| matches!(outcome, RotateOutcome::AlreadyRotated { .. })).count();
        assert_eq!((rotated, late), (1, 1), "{outcomes:?}");
        assert_eq!(states(&origin).await, [("active".into(), 1), ("pending".into(), 1), ("retired".into(), round)]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn keys_rotate_on_schedule_once_whoever_keeps_house() {
    let origin = Origin::start().await;
    let other = origin.start_another().await;
    let settings = origin.config.housekeeping;
    let keep = |app: &App| {
        let app = app.clone();
        tokio::spawn(async move { app.office().housekeep(&settings).await })
    };
    origin.wait(Duration::from_hours(26 * 24));
    assert_eq!(keep(&origin.app).await.unwrap().rotated, 0, "no key is due before nine tenths of the time");
    origin.wait(Duration::from_hours(7 * 24));
    let off = HousekeepingSettings { key_rotation: None, ..settings };
    assert_eq!(origin.app.office().housekeep(&off).await.rotated, 0);

    origin.app.office().store().disable_tenant(&"other".parse().unwrap(), origin.clock.now()).await.unwrap();
    let (one, two) = (keep(&origin.app), keep(&other));
    let (one, two) = (one.await.unwrap(), two.await.unwrap());
    assert!(one.failures.is_empty() && two.failures.is_empty(), "{one:?} {two:?}");
    assert_eq!(one.rotated + two.rotated, 1, "the one tenant that is not disabled, once");
    assert_eq!(states(&origin).await, [("active".into(), 1), ("pending".into(), 1), ("retired".into(), 1)]);
    assert_eq!(keep(&other).await.unwrap().rotated, 0, "the new key's time has just begun");
}
