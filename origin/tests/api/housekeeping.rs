//! Housekeeping: what is over goes, and nothing else.

use std::time::Duration;

use sealgate_origin::office::HousekeepingSettings;
use sealgate_origin::store::Sweep;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::key_life::keep_house;
use crate::kit::{Minted, Origin};

const DAY: Duration = Duration::from_hours(24);
const MOMENT: Duration = Duration::from_millis(1);

async fn exists(origin: &Origin, minted: &Minted) -> bool {
    let sql = format!("select count(*) from sessions where id = '{}'", minted.id);
    origin.database().await.number(&sql).await == 1
}

/// Copies a session so many times.
pub(crate) async fn copy(origin: &Origin, minted: &Minted, times: u32) {
    let sql = format!(
        "insert into sessions (id, tenant, actor_type, actor_id, issued_at, access_expires_at, signing_key, channel, \
         idle_expires_at, absolute_expires_at, created_at, last_seen_at, authenticated_at, remember, assurance, roles) \
         with recursive numbers (number) as (select 1 union all select number + 1 from numbers where number < {times}) \
         select 'ses-AAAAAAAAAAAAAA' || substr(cast(100000000 + number as text), 2), tenant, actor_type, actor_id, \
         issued_at, access_expires_at, signing_key, channel, idle_expires_at, absolute_expires_at, created_at, \
         last_seen_at, authenticated_at, remember, assurance, roles from numbers, sessions where id = '{}'",
        minted.id
    );
    assert_eq!(origin.database().await.execute(&sql).await, Ok(u64::from(times)));
}

#[tokio::test]
async fn a_session_goes_when_it_has_been_over_for_the_retention() {
    let origin = Origin::start_with(|config| config.housekeeping.session_retention = 7 * DAY).await;
    let (expired, revoked) = (origin.mint().await, origin.mint().await);
    let live = origin.mint_with(serde_json::json!({ "remember": true })).await;
    origin.wait(Duration::from_mins(30));
    origin.v1("DELETE", &format!("/v1/sessions/{}", revoked.id)).send().await;

    origin.wait((7 * DAY).saturating_sub(MOMENT));
    let done = keep_house(&origin).await;
    assert_eq!((done.expired_sessions, done.revoked_sessions), (0, 0));
    origin.wait(MOMENT);
    let done = keep_house(&origin).await;
    assert_eq!((done.expired_sessions, done.revoked_sessions), (0, 1));
    origin.wait(Duration::from_mins(30).saturating_sub(MOMENT));
    assert_eq!(keep_house(&origin).await.expired_sessions, 0);
    assert!(exists(&origin, &expired).await && !exists(&origin, &revoked).await);
    origin.wait(MOMENT);
    assert_eq!(keep_house(&origin).await.expired_sessions, 1);
    assert!(!exists(&origin, &expired).await && exists(&origin, &live).await);
    assert_eq!(origin.check(&live.id).await, "live");
    for gone in [&expired, &revoked] {
        assert_eq!(origin.check(&gone.id).await, "revoked", "nobody can tell, and so it is");
    }
}

#[tokio::test]
async fn a_sign_in_that_was_never_finished_goes_at_once() {
    let origin = Origin::start().await;
    let abandoned = origin.mint().await;
    let sql = format!("update sessions set pre_login = true where id = '{}'", abandoned.id);
    origin.database().await.execute(&sql).await.unwrap();
    origin.wait(Duration::from_hours(8).saturating_sub(MOMENT));
    assert_eq!(keep_house(&origin).await.pre_login, 0);
    origin.wait(MOMENT);
    assert_eq!(keep_house(&origin).await.pre_login, 1);
    assert!(!exists(&origin, &abandoned).await);
}

#[tokio::test]
async fn an_entry_of_the_sequence_goes_a_day_after_its_last_token_and_numbers_go_on() {
    let origin = Origin::start().await;
    let database = origin.database().await;
    origin.mint().await;
    origin.v1("DELETE", "/v1/actors/user/ada/sessions").send().await;
    // The mark hits what was issued in this very millisecond, and so is a millisecond late.
    origin.wait(DAY + Duration::from_mins(15));
    assert_eq!(keep_house(&origin).await.revocations, 0);
    origin.wait(MOMENT);
    assert_eq!(keep_house(&origin).await.revocations, 1);
    assert_eq!(database.number("select count(*) from revocations").await, 0);
    origin.mint().await;
    origin.v1("DELETE", "/v1/actors/user/ada/sessions").send().await;
    assert_eq!(database.number("select max(sequence) from revocations").await, 2);
}

#[tokio::test]
async fn it_works_in_batches_until_the_time_is_up() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    copy(&origin, &minted, 1_299).await;
    origin.wait(32 * DAY);
    let settings = origin.config.housekeeping;
    let rushed = HousekeepingSettings { budget: Duration::ZERO, ..settings };
    let done = origin.app.office().housekeep(&rushed).await;
    assert!(done.unfinished && done.failures.is_empty(), "{done:?}");
    assert_eq!(done.expired_sessions, 0);

    let store = origin.app.office().store();
    let before = origin.clock.now().minus(30 * 86_400_000);
    assert_eq!(store.sweep(Sweep::ExpiredSessions, before, 100).await.unwrap(), 100);
    assert_eq!(keep_house(&origin).await.expired_sessions, 1_200, "what was left waited for the next round");
    assert_eq!(keep_house(&origin).await.expired_sessions, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_origins_sweep_side_by_side() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    copy(&origin, &minted, 2_999).await;
    origin.wait(32 * DAY);
    let live = origin.mint().await;
    let settings = HousekeepingSettings { key_rotation: None, ..origin.config.housekeeping };
    let mut rounds = Vec::new();
    for _ in 0..3 {
        let app = origin.start_another().await;
        rounds.push(tokio::spawn(async move { app.office().housekeep(&settings).await }));
    }
    let mut swept = 0;
    for round in rounds {
        let done = round.await.unwrap();
        assert!(done.failures.is_empty(), "{done:?}");
        swept += done.expired_sessions;
    }
    // A batch that another has in hand is left to it: what is left over goes next time.
    swept += keep_house(&origin).await.expired_sessions;
    assert_eq!(swept, 3_000, "each row by one of them");
    assert_eq!(origin.check(&live.id).await, "live");
}

#[tokio::test]
async fn a_step_that_fails_does_not_keep_the_others_from_their_work() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    origin.wait(32 * DAY);
    let database = origin.database().await;
    database.execute("alter table signing_keys rename to gone").await.unwrap();
    let done = origin.app.office().housekeep(&origin.config.housekeeping).await;
    assert!(!done.failures.is_empty());
    assert_eq!(done.expired_sessions, 1);
    assert!(!exists(&origin, &minted).await);
    database.execute("alter table gone rename to signing_keys").await.unwrap();
    keep_house(&origin).await;
}

#[tokio::test]
async fn an_origin_that_serves_keeps_house_and_counts_what_it_did() {
    let origin = Origin::start_with(|config| config.housekeeping.interval = Duration::from_millis(40)).await;
    origin.mint().await;
    origin.wait(34 * DAY);
    let public = TcpListener::bind(origin.config.listen_public).await.unwrap();
    let private = TcpListener::bind(origin.config.listen_private).await.unwrap();
    let (stop, stopped) = oneshot::channel();
    let serving = tokio::spawn(origin.app.clone().serve(public, private, async { drop(stopped.await) }));
    let shown = |text: &str, line: &str| text.lines().any(|shown| shown == line);
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    let text = loop {
        let text = origin.private("GET", "/metrics").send().await.text();
        if shown(&text, "sealgate_swept_total{what=\"keys_withdrawn\"} 2") || tokio::time::Instant::now() > deadline {
            break text;
        }
        // Keys that were rotated just now are withdrawn once their last token is dead.
        if shown(&text, "sealgate_key_rotations_total 2") {
            origin.wait(Duration::from_mins(16));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    for line in [
        "sealgate_swept_total{what=\"sessions_expired\"} 1",
        "sealgate_swept_total{what=\"keys_withdrawn\"} 2",
        "sealgate_swept_total{what=\"sessions_revoked\"} 0",
        "sealgate_key_rotations_total 2",
        "sealgate_housekeeping_failures_total 0",
    ] {
        assert!(shown(&text, line), "{line} is not in\n{text}");
    }
    let success = text.lines().find_map(|line| line.strip_prefix("sealgate_housekeeping_success_timestamp_seconds "));
    assert!(success.unwrap().parse::<u64>().unwrap() > crate::kit::START / 1_000, "{text}");
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
}
