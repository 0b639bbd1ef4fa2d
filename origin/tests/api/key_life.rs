//! The end of a key: withdrawn, destroyed, forgotten; and what becomes of its tokens.

use std::time::Duration;

use sealgate_origin::office::Housekeeping;
use sealgate_origin::session::Lifetimes;
use sealgate_shared::id::TenantId;
use sealgate_shared::keyring::KeyMaterial;
use sealgate_shared::reject::Reject;

use super::audit::{break_audit, mend_audit};
use super::internal_keyring::open_ring;
use crate::kit::{Minted, Origin};

const DAY: Duration = Duration::from_hours(24);
/// An access token's lifetime, and the margin for clocks.
const LAST_TOKEN: Duration = Duration::from_mins(16);
const MOMENT: Duration = Duration::from_millis(1);

pub(crate) fn demo() -> TenantId {
    "demo".parse().unwrap()
}

/// The key that signed a token, as the database names it.
pub(crate) fn kid(minted: &Minted) -> String {
    format!("sk-{}", minted.access.split('.').nth(1).unwrap())
}

/// One round, in which nothing fails and time suffices.
pub(crate) async fn keep_house(origin: &Origin) -> Housekeeping {
    let done = origin.app.office().housekeep(&origin.config.housekeeping).await;
    assert!(done.failures.is_empty() && !done.unfinished, "{done:?}");
    done
}

/// Whether the database still has the key sealed, and what it says of it; `None` when it is gone.
async fn state(origin: &Origin, key: &str) -> Option<(String, bool)> {
    let sql = format!("select state, sealed is not null from signing_keys where id = '{key}'");
    origin.database().await.rows(&sql).await.pop()
}

async fn material(origin: &Origin, key: &str) -> Option<KeyMaterial> {
    let keys = open_ring(origin).await.keys;
    keys.into_iter().find(|found| found.id.to_string() == key).map(|found| found.material)
}

async fn refused(origin: &Origin, minted: &Minted, code: &str) {
    origin.browser("GET", "/auth/session").cookie(&minted.cookie).refused(401, code).await;
    let found = origin.app.office().inspect(&minted.access, None).await.unwrap();
    assert_eq!(found.reject.map(Reject::label), Some(code), "inspect says the same");
}

#[tokio::test]
async fn its_token_subkeys_leave_the_ring_when_its_last_token_is_dead() {
    let origin = Origin::start().await;
    let key = kid(&origin.mint().await);
    origin.wait(Duration::from_mins(5));
    origin.app.office().rotate(&demo()).await.unwrap();
    let Some(KeyMaterial::Verifying(_, sessions)) = material(&origin, &key).await else { panic!("it verifies") };

    origin.wait(LAST_TOKEN.saturating_sub(MOMENT));
    let version = open_ring(&origin).await.version;
    assert_eq!(keep_house(&origin).await.withdrawn, 0);
    assert!(matches!(material(&origin, &key).await, Some(KeyMaterial::Verifying(..))));
    assert_eq!(open_ring(&origin).await.version, version);

    origin.wait(MOMENT);
    assert_eq!(keep_house(&origin).await.withdrawn, 1);
    assert_eq!(material(&origin, &key).await, Some(KeyMaterial::Retired(sessions)), "what its sessions need stays");
    assert_eq!(open_ring(&origin).await.version, version + 1, "edges are told");
    assert_eq!(keep_house(&origin).await.withdrawn, 0);
    assert_eq!(open_ring(&origin).await.version, version + 1, "once");
}

#[tokio::test]
async fn when_that_is_does_not_come_from_a_setting() {
    let origin = Origin::start_with(|config| config.lifetimes.access = Duration::from_mins(45)).await;
    let minted = origin.mint().await;
    // Restarted under a shorter setting, the origin rotates.
    let mut config = origin.config.clone();
    config.lifetimes = Lifetimes::default();
    let clock = origin.clock.clone().into();
    let restarted = sealgate_origin::app::App::build(&config, clock).await.unwrap();
    restarted.office().rotate(&demo()).await.unwrap();
    let lives = minted.access_lifetime().saturating_sub(MOMENT);
    origin.wait(lives);
    assert_eq!(restarted.office().housekeep(&config.housekeeping).await.withdrawn, 0);
    let answer = origin.browser("GET", "/auth/session").cookie(&minted.cookie).send().await;
    assert_eq!(answer.status, 200, "its last token lives: {}", answer.text());
    // It might have lived a twentieth longer.
    origin.wait(Duration::from_mins(46).saturating_sub(MOMENT).saturating_sub(lives));
    assert_eq!(restarted.office().housekeep(&config.housekeeping).await.withdrawn, 0);
    origin.wait(MOMENT);
    assert_eq!(restarted.office().housekeep(&config.housekeeping).await.withdrawn, 1);
}

#[tokio::test]
async fn it_is_destroyed_when_no_live_session_names_it_and_not_before() {
    let origin = Origin::start().await;
    let minted = origin.mint_with(serde_json::json!({ "remember": true })).await;
    let ended = origin.mint().await;
    let key = kid(&minted);
    let rotation = origin.app.office().rotate(&demo()).await.unwrap();
    origin.wait(DAY);
    let done = keep_house(&origin).await;
    assert_eq!((done.withdrawn, done.destroyed), (1, 0), "one session is live");
    assert_eq!(state(&origin, &key).await, Some(("retired".into(), true)));

    // As if it had been refreshed once under the new key.
    let database = origin.database().await;
    let refreshed = format!(
        "update sessions set signing_key = '{}', previous_signing_key = '{key}' where id = '{}'",
        rotation.active, minted.id
    );
    assert_eq!(database.execute(&refreshed).await, Ok(1));
    assert_eq!(keep_house(&origin).await.destroyed, 0, "the session may still be asked for by its last generation");
    assert_eq!(origin.check(&minted.id).await, "live");

    let version = open_ring(&origin).await.version;
    origin.v1("DELETE", &format!("/v1/sessions/{}", minted.id)).send().await;
    assert_eq!(keep_house(&origin).await.destroyed, 1, "the other session that names it ended yesterday");
    assert_eq!(state(&origin, &key).await, Some(("destroyed".into(), false)), "nothing is left to unseal");
    assert_eq!(material(&origin, &key).await, None);
    assert!(open_ring(&origin).await.version > version);
    assert_eq!(keep_house(&origin).await.destroyed, 0);
    refused(&origin, &ended, "expired").await;
}

#[tokio::test]
async fn it_is_kept_as_long_as_its_destruction_cannot_be_written_down() {
    let origin = Origin::start().await;
    let key = kid(&origin.mint().await);
    origin.app.office().rotate(&demo()).await.unwrap();
    origin.wait(DAY);
    let database = origin.database().await;
    break_audit(&database).await;
    let done = origin.app.office().housekeep(&origin.config.housekeeping).await;
    assert!(done.destroyed == 0 && !done.failures.is_empty(), "{done:?}");
    assert_eq!(state(&origin, &key).await, Some(("retired".into(), true)));
    mend_audit(&database).await;
    assert_eq!(keep_house(&origin).await.destroyed, 1);
    assert_eq!(state(&origin, &key).await, Some(("destroyed".into(), false)));
}

#[tokio::test]
async fn a_session_that_expires_lets_its_key_go() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    origin.app.office().rotate(&demo()).await.unwrap();
    origin.wait(Duration::from_mins(61).saturating_sub(MOMENT));
    assert_eq!(keep_house(&origin).await.destroyed, 0, "by some clock it may live yet");
    origin.wait(MOMENT);
    assert_eq!(keep_house(&origin).await.destroyed, 1);
    assert_eq!(state(&origin, &kid(&minted)).await, Some(("destroyed".into(), false)));
}

#[tokio::test]
async fn its_tokens_are_expired_at_every_stage_and_only_forged_ones_unknown() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    origin.app.office().rotate(&demo()).await.unwrap();
    origin.wait(LAST_TOKEN);
    refused(&origin, &minted, "expired").await;
    assert_eq!(keep_house(&origin).await.withdrawn, 1);
    refused(&origin, &minted, "expired").await;
    let found = origin.app.office().inspect(&minted.access, None).await.unwrap();
    assert!(found.claims.is_some(), "an operator is told whose it was");
    origin.wait(DAY);
    assert_eq!(keep_house(&origin).await.destroyed, 1);
    refused(&origin, &minted, "expired").await;
    origin.wait(91 * DAY);
    assert_eq!(keep_house(&origin).await.forgotten_keys, 1);
    assert_eq!(state(&origin, &kid(&minted)).await, None);
    refused(&origin, &minted, "unknown_kid").await;
}

#[tokio::test]
async fn it_is_remembered_as_long_as_a_row_names_it() {
    let origin = Origin::start_with(|config| config.housekeeping.session_retention = 200 * DAY).await;
    let key = kid(&origin.mint().await);
    origin.app.office().rotate(&demo()).await.unwrap();
    for (wait, forgotten) in [(DAY, 0), (DAY, 0), (150 * DAY, 0), (60 * DAY, 1)] {
        origin.wait(wait);
        assert_eq!(keep_house(&origin).await.forgotten_keys, forgotten, "after {wait:?}");
    }
    assert_eq!(state(&origin, &key).await, None);
}

#[tokio::test]
async fn whoever_signs_out_by_its_dead_token_is_signed_out() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    origin.app.office().rotate(&demo()).await.unwrap();
    origin.wait(Duration::from_mins(20));
    assert_eq!(keep_house(&origin).await.withdrawn, 1);
    assert_eq!(origin.check(&minted.id).await, "live");
    let answer = origin.browser("POST", "/auth/logout").same_site().cookie(&minted.cookie).send().await;
    assert_eq!(answer.json(), serde_json::json!({ "signed_out": true }));
    assert_eq!(origin.check(&minted.id).await, "revoked");
}
