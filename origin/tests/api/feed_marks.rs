//! Marks against tokens of real sessions, as an edge judges them: what was issued before one is dead, what was issued
//! after it lives.

use std::time::Duration;

use sealgate_origin::app::App;
use sealgate_origin::clock::{Clock, MovableClock};
use sealgate_shared::keyring::Keyring;
use sealgate_shared::revocation::Taken;
use serde_json::json;

use super::internal_keyring::open_ring;
use crate::follower::{Follower, read, revoked, session};
use crate::kit::database::Moment;
use crate::kit::{Minted, Origin};

const EVERYWHERE: &str = "/v1/actors/user/ada/sessions";

async fn ring(origin: &Origin) -> Keyring {
    open_ring(origin).await.to_ring().unwrap()
}

/// An edge that has caught up.
async fn caught_up(origin: &Origin) -> Follower {
    let mut edge = Follower::new(origin);
    assert_eq!(edge.follow().await, Taken::Complete);
    edge
}

async fn issued_at(origin: &Origin, minted: &Minted) -> u64 {
    read(&ring(origin).await, &minted.access).0.issued_at.as_u64()
}

#[tokio::test]
async fn signing_out_everywhere_hits_what_was_before_and_nothing_after_within_one_millisecond() {
    let origin = Origin::start().await;
    let before = origin.mint().await;
    let bob = origin.mint_with(json!({ "actor_id": "bob" })).await;
    origin.v1("DELETE", EVERYWHERE).send().await;
    let after = origin.mint().await;
    // The clock stands still: only what the mark says tells them apart.
    assert_eq!(issued_at(&origin, &after).await, issued_at(&origin, &before).await + 1);
    let (edge, ring) = (caught_up(&origin).await, ring(&origin).await);
    assert!(edge.refuses(&ring, &before));
    assert!(!edge.refuses(&ring, &after));
    assert!(!edge.refuses(&ring, &bob));
    assert_eq!(origin.check(&after.id).await, "live");
}

#[tokio::test]
async fn a_mark_spares_one_session_and_no_new_one_that_claims_to_be_older() {
    let origin = Origin::start().await;
    let (kept, gone) = (origin.mint().await, origin.mint().await);
    // The mark was made by a clock that is half a second ahead of the one that mints next.
    let sql = format!("update sessions set issued_at = '2026-06-01T12:00:00.500Z' where id = '{}'", gone.id);
    origin.database().await.execute(&sql).await.unwrap();
    origin.v1("DELETE", &format!("{EVERYWHERE}?except={}", kept.id)).send().await;
    let new = origin.mint().await;
    assert_eq!(issued_at(&origin, &new).await, origin.clock.now().as_u64() + 501);
    let (edge, ring) = (caught_up(&origin).await, ring(&origin).await);
    assert!(!edge.refuses(&ring, &kept));
    assert!(edge.refuses(&ring, &gone));
    assert!(!edge.refuses(&ring, &new));
    assert_eq!(origin.check(&new.id).await, "live");
    // Once our clock has got there, it is the one that counts.
    origin.wait(Duration::from_secs(2));
    let later = origin.mint().await;
    assert_eq!(issued_at(&origin, &later).await, origin.clock.now().as_u64());
}

#[tokio::test]
async fn what_a_mark_made_later_is_what_the_row_says_too() {
    let origin = Origin::start().await;
    origin.mint().await;
    origin.v1("DELETE", EVERYWHERE).send().await;
    let new = origin.mint().await;
    let sql = format!("select created_at, issued_at, authenticated_at from sessions where id = '{}'", new.id);
    let rows: Vec<(Moment, Moment, Moment)> = origin.database().await.rows(&sql).await;
    let at = || Moment("2026-06-01T12:00:00.001Z".to_owned());
    assert_eq!(rows, [(at(), at(), at())]);
}

#[tokio::test]
async fn a_tenant_that_was_disabled_and_enabled_lets_new_sessions_live() {
    let origin = Origin::start().await;
    let before = origin.mint().await;
    let demo = "demo".parse().unwrap();
    origin.app.office().disable_tenant(&demo).await.unwrap();
    origin.app.office().enable_tenant(&demo).await.unwrap();
    let after = origin.mint().await;
    let (edge, ring) = (caught_up(&origin).await, ring(&origin).await);
    assert!(edge.refuses(&ring, &before));
    assert!(!edge.refuses(&ring, &after));
}

#[tokio::test]
async fn one_session_hits_itself_alone() {
    let origin = Origin::start().await;
    let (one, other) = (origin.mint().await, origin.mint().await);
    origin.v1("DELETE", &format!("/v1/sessions/{}", one.id)).send().await;
    let (edge, ring) = (caught_up(&origin).await, ring(&origin).await);
    assert!(edge.refuses(&ring, &one));
    assert!(!edge.refuses(&ring, &other));
}

#[tokio::test]
async fn a_revoked_key_hits_what_names_it_and_sessions_that_it_signed_before() {
    let origin = Origin::start().await;
    let (old, refreshed) = (origin.mint().await, origin.mint().await);
    let ring_before = ring(&origin).await;
    let demo = "demo".parse().unwrap();
    let rotation = origin.app.office().rotate(&demo).await.unwrap();
    let new = origin.mint().await;
    // As if it had been refreshed under the new key.
    let sql = format!(
        "update sessions set signing_key = '{}', previous_signing_key = '{}' where id = '{}'",
        rotation.active, rotation.retired, refreshed.id
    );
    assert_eq!(origin.database().await.execute(&sql).await, Ok(1));
    origin.app.office().revoke_keys(&demo, rotation.retired, false).await.unwrap();
    let edge = caught_up(&origin).await;
    assert!(edge.refuses(&ring_before, &old));
    let ring = ring(&origin).await;
    assert!(!edge.refuses(&ring, &new), "of the same key as what was refreshed");
    assert_eq!(origin.check(&new.id).await, "live");
    let head = edge.head().await;
    assert_eq!(head.entries.len(), 2);
    assert_eq!(revoked(&head)[1], session(&refreshed));
}

/// Two origins on one database, whose clocks are 300 ms apart.
async fn two_clocks(origin: &Origin, other_ms: i64) -> Origin {
    let at = origin.clock.now();
    let at = if other_ms < 0 { at.minus(other_ms.unsigned_abs()) } else { at.plus(other_ms.unsigned_abs()) };
    let clock = MovableClock::starting_at(at);
    let app = App::build(&origin.config, Clock::from(clock.clone())).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (config, token, edge) = (origin.config.clone(), origin.token.clone(), origin.edge.clone());
    Origin { folder, config, clock, app, token, edge, _database: None }
}

#[tokio::test]
async fn clocks_that_differ_spare_nothing_that_was_before_and_hit_nothing_after() {
    for other_ms in [300, -300] {
        let here = Origin::start().await;
        let there = two_clocks(&here, other_ms).await;
        for (minter, revoker, next) in
            [(&here, &there, &here), (&there, &here, &here), (&here, &here, &there), (&there, &there, &here)]
        {
            let before = minter.mint().await;
            let kept = minter.mint().await;
            for path in [format!("{EVERYWHERE}?except={}", kept.id), EVERYWHERE.to_owned()] {
                assert_eq!(revoker.v1("DELETE", &path).send().await.status, 200);
                let after = next.mint().await;
                let (edge, ring) = (caught_up(next).await, ring(next).await);
                assert!(edge.refuses(&ring, &before));
                assert!(!edge.refuses(&ring, &after));
                // Issued at most by as much ahead as the clocks are apart, which edges put up with.
                let ahead = issued_at(next, &after).await.abs_diff(next.clock.now().as_u64());
                assert!(ahead <= 310, "{ahead}");
            }
            here.wait(Duration::from_millis(50));
            there.wait(Duration::from_millis(50));
        }
    }
}

#[tokio::test]
async fn machines_whose_clocks_are_wrong_do_no_worse() {
    let here = Origin::start().await;
    let apps = [Clock::system(), Clock::system_off_by(300), Clock::system_off_by(-300)];
    let mut origins = Vec::new();
    for clock in apps {
        let app = App::build(&here.config, clock).await.unwrap();
        origins.push(Origin { app, ..two_clocks(&here, 0).await });
    }
    for round in 0..12 {
        let of = |step: usize| &origins[(round / step) % 3];
        let before = of(1).mint().await;
        assert_eq!(of(3).v1("DELETE", EVERYWHERE).send().await.status, 200);
        let after = of(2).mint().await;
        let (edge, ring) = (caught_up(of(1)).await, ring(of(1)).await);
        assert!(edge.refuses(&ring, &before), "{round}");
        assert!(!edge.refuses(&ring, &after), "{round}");
    }
}
