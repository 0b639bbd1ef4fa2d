//! What an origin answers from memory while another process changes the database.

use std::time::{Duration, Instant};

use sealgate_origin::app::App;
use serde_json::json;

use crate::kit::{Ask, Minted, Origin};

const DEADLINE: Duration = Duration::from_secs(30);

/// Two origins on one database: the one that acts, and the one that is asked, which follows.
struct Two {
    here: Origin,
    there: App,
    following: tokio::task::JoinHandle<()>,
}

impl Drop for Two {
    fn drop(&mut self) {
        self.following.abort();
    }
}

impl Two {
    async fn start() -> Self {
        let here = Origin::start().await;
        let there = here.start_another().await;
        let follower = there.clone();
        let following = tokio::spawn(async move { follower.office().keep_following(true).await });
        Self { here, there, following }
    }

    fn ask(&self, session: &Minted) -> Ask {
        let body = json!({ "tenant": "demo", "session": session.id });
        Ask::new(self.there.private_router(), "POST", "/internal/check")
            .header("x-sealgate-edge", &self.here.edge)
            .json(&body)
    }

    async fn is_live(&self, session: &Minted) -> bool {
        let answer = self.ask(session).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["status"] == "live"
    }

    /// Asks until the answer comes from memory.
    async fn remember(&self, session: &Minted) {
        let begun = Instant::now();
        while self.ask(session).send().await.json()["age_ms"] == 0 {
            assert!(begun.elapsed() < DEADLINE, "it is never answered from memory");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert!(self.is_live(session).await);
    }

    async fn until_dead(&self, session: &Minted) {
        let begun = Instant::now();
        while self.is_live(session).await {
            assert!(begun.elapsed() < DEADLINE, "it goes on being live");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

#[tokio::test]
async fn whatever_ends_a_session_elsewhere_is_found_and_others_go_on() {
    let two = Two::start().await;
    let demo = "demo".parse().unwrap();
    let bob = two.here.mint_with(json!({ "actor_id": "bob" })).await;
    two.remember(&bob).await;
    let (one, two_of_ada, kept) = (two.here.mint().await, two.here.mint().await, two.here.mint().await);
    for session in [&one, &two_of_ada, &kept] {
        two.remember(session).await;
    }

    two.here.v1("DELETE", &format!("/v1/sessions/{}", one.id)).send().await;
    two.until_dead(&one).await;
    two.here.v1("DELETE", &format!("/v1/actors/user/ada/sessions?except={}", kept.id)).send().await;
    two.until_dead(&two_of_ada).await;
    assert!(two.is_live(&kept).await, "a mark may hit too much; the row decides");
    assert!(two.is_live(&bob).await);

    // A key: whatever it signed.
    two.here.app.office().rotate(&demo).await.unwrap();
    let younger = two.here.mint().await;
    two.remember(&younger).await;
    let key = sealgate_shared::token::Sealed::parse(&kept.access).unwrap().kid();
    two.here.app.office().revoke_keys(&demo, key, false).await.unwrap();
    two.until_dead(&kept).await;
    assert!(two.is_live(&younger).await);

    // A tenant: all.
    two.here.app.office().disable_tenant(&demo).await.unwrap();
    two.until_dead(&younger).await;
    two.here.app.office().enable_tenant(&demo).await.unwrap();
    two.here.app.office().follow().await.unwrap();
    assert!(!two.is_live(&younger).await, "enabling brings none back");
}

#[tokio::test]
async fn a_mark_that_only_asks_for_a_refresh_ends_nothing_in_memory() {
    let two = Two::start().await;
    let (one, last) = (two.here.mint().await, two.here.mint().await);
    two.remember(&one).await;
    two.remember(&last).await;
    let change = two.here.v1("PATCH", "/v1/actors/user/ada?now=true").json(&json!({ "roles": ["writer"] }));
    assert_eq!(change.send().await.json()["live_sessions"], 2);
    // Entries are followed in their order: when this one has arrived, the mark has.
    two.here.v1("DELETE", &format!("/v1/sessions/{}", last.id)).send().await;
    two.until_dead(&last).await;
    assert!(two.is_live(&one).await, "read again, by the row");
    two.remember(&one).await;
}

#[tokio::test]
async fn who_may_ask_is_known_from_memory_and_forgotten_when_it_changes() {
    let two = Two::start().await;
    let session = two.here.mint().await;
    two.remember(&session).await;
    let edge = "dev".parse().unwrap();
    assert!(two.here.app.office().store().revoke_edge(&edge, two.here.app.office().now()).await.unwrap());
    let begun = Instant::now();
    while two.ask(&session).send().await.status != 401 {
        assert!(begun.elapsed() < DEADLINE, "a revoked edge goes on being answered");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn without_the_database_memory_answers_for_a_second_and_then_nobody_is_told_anything() {
    let two = Two::start().await;
    let session = two.here.mint().await;
    two.remember(&session).await;
    two.there.office().store().close().await;
    let closed = Instant::now();
    loop {
        let answer = two.ask(&session).send().await;
        if answer.status == 503 {
            break;
        }
        assert_eq!(answer.json()["status"], "live", "what it knew a moment ago");
        assert!(answer.json()["age_ms"].as_u64().unwrap() <= 1_000);
        assert!(closed.elapsed() < DEADLINE, "it goes on answering from memory");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    two.ask(&session).refused(503, "database_unavailable").await;
}
