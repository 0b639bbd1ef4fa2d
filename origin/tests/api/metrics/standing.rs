//! Where things stand when somebody asks.

use std::time::{Duration, Instant};

use super::Scrape;
use crate::kit::Origin;

const KEY_AGE: &str = "sealgate_signing_key_age_max_seconds";
const ACTIVE: &str = "sealgate_signing_keys_active";
const MISSING: &str = "sealgate_signing_keys_pending_missing";
const KEYRING: &str = "sealgate_keyring_version";
const SEQUENCE: &str = "sealgate_revocation_sequence";
const EPOCH: &str = "sealgate_revocation_epoch";
const USABLE: &str = "sealgate_memory_usable";
const AGE: &str = "sealgate_memory_age_seconds";

#[tokio::test]
async fn keys_grow_old_and_rotation_makes_them_young() {
    let origin = Origin::start().await;
    let office = origin.app.office();
    let before = Scrape::of(&origin).await;
    before.expect(&[(KEY_AGE, 0.0), (ACTIVE, 2.0), (MISSING, 0.0)]);
    origin.wait(Duration::from_secs(90));
    office.rotate(&"demo".parse().unwrap()).await.unwrap();
    let after = Scrape::of(&origin).await;
    after.expect(&[(KEY_AGE, 90.0), (ACTIVE, 2.0), (MISSING, 0.0)]);
    assert!(after.value(KEYRING) > before.value(KEYRING));
    origin.wait(Duration::from_millis(500));
    office.rotate(&"other".parse().unwrap()).await.unwrap();
    Scrape::of(&origin).await.expect(&[(KEY_AGE, 0.5)]);
}

#[tokio::test]
async fn a_tenant_without_a_pending_key_shows() {
    let origin = Origin::start().await;
    let database = origin.database().await;
    database.execute("delete from signing_keys where tenant = 'demo' and state = 'pending'").await.unwrap();
    Scrape::of(&origin).await.expect(&[(ACTIVE, 2.0), (MISSING, 1.0)]);
}

#[tokio::test]
async fn the_sequence_and_its_epoch_show_where_they_are() {
    let origin = Origin::start().await;
    let before = Scrape::of(&origin).await;
    let minted = origin.mint().await;
    origin.v1("DELETE", &format!("/v1/sessions/{}", minted.id)).send().await;
    let after = Scrape::of(&origin).await;
    after.expect(&[(SEQUENCE, before.value(SEQUENCE) + 1.0), (EPOCH, before.value(EPOCH))]);
    let then = sealgate_origin::office::AfterRestore::KeepSessions;
    assert!(origin.app.office().begin_epoch(None, then).await.unwrap());
    assert!(Scrape::of(&origin).await.value(EPOCH) > before.value(EPOCH));
}

#[tokio::test]
async fn the_age_of_the_last_reading_is_told_while_it_is_young() {
    let origin = Origin::start().await;
    let unread = Scrape::of(&origin).await;
    unread.expect(&[(USABLE, 0.0)]);
    assert_eq!(unread.find(AGE), None);
    let app = origin.app.clone();
    let following = tokio::spawn(async move { app.office().keep_following(true).await });
    let begun = Instant::now();
    let read = loop {
        let scrape = Scrape::of(&origin).await;
        if scrape.value(USABLE) > 0.0 {
            break scrape;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "nobody reads");
    };
    assert!((0.0..=1.0).contains(&read.value(AGE)), "{}", read.value(AGE));
    following.abort();
    drop(following.await);
    Scrape::of(&origin).await.expect(&[(USABLE, 0.0)]);
}
