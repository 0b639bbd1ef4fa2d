//! One key-encryption key (KEK) follows another while the origin serves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sealgate_origin::app::{App, StartError, open_office};
use sealgate_origin::clock::Clock;
use sealgate_origin::config::{Config, KekSource};
use sealgate_origin::office::Office;
use sealgate_origin::store::SealedColumn;
use sealgate_origin::vault::{Keks, Place, Vault, read_kek_id};
use sealgate_shared::id::{EdgeId, TenantId};
use sealgate_shared::keyring::KeyringDocument;
use sealgate_shared::secret::Secret32;
use serde_json::json;

use crate::kit::{Ask, Origin};

/// The keys of these bytes; the first one writes.
pub(crate) fn keks(bytes: &[u8]) -> Keks {
    let keys: Vec<String> = bytes.iter().map(|byte| Secret32::new([*byte; 32]).expose_base64url()).collect();
    Keks::parse(&keys.join(",")).unwrap()
}

fn id(byte: u8) -> String {
    keks(&[byte]).to_string()
}

async fn start(bytes: &[u8]) -> Origin {
    Origin::start_with(|config| config.kek = KekSource::Given(keks(bytes))).await
}

fn config(origin: &Origin, bytes: &[u8]) -> Config {
    Config { kek: KekSource::Given(keks(bytes)), ..origin.config.clone() }
}

async fn build(origin: &Origin, bytes: &[u8]) -> Result<App, StartError> {
    App::build(&config(origin, bytes), Clock::from(origin.clock.clone())).await
}

async fn office(origin: &Origin, bytes: &[u8]) -> Result<Office, StartError> {
    open_office(&config(origin, bytes), Clock::from(origin.clock.clone())).await
}

fn tenant(id: &str) -> TenantId {
    id.parse().unwrap()
}

/// Everything sealed in the database, as (where, KEK).
async fn sealed_under(origin: &Origin) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for column in SealedColumn::ALL {
        for row in origin.app.office().store().sealed_page(column, "", 1_000).await.unwrap() {
            let kek = read_kek_id(&row.sealed).unwrap().to_string();
            found.push((format!("{}.{} {}", column.names().0, column.names().1, row.id), kek));
        }
    }
    found
}

async fn count_under(origin: &Origin, byte: u8) -> u64 {
    let under = sealed_under(origin).await.into_iter().filter(|(_, kek)| *kek == id(byte));
    u64::try_from(under.count()).unwrap()
}

async fn mint(app: &App, token: &str) -> String {
    let body = json!({ "tenant": "demo", "actor_type": "user", "actor_id": "ada" });
    let answer = Ask::new(app.private_router(), "POST", "/v1/sessions").bearer(token).json(&body).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["set_cookie"][0].as_str().unwrap().split(';').next().unwrap().to_owned()
}

const NEXT: Place<'_> = Place { table: "edges", column: "next_sealed_secret", row: "dev", tenant: None };

/// The second secret of the edge `dev`, as it is stored.
async fn next_secret(origin: &Origin) -> Vec<u8> {
    let store = origin.app.office().store();
    store.sealed_page(SealedColumn::NextEdgeSecret, "", 1).await.unwrap().remove(0).sealed
}

/// Puts a secret in its place, whoever else writes there.
async fn put_next_secret(origin: &Origin, vault: &Vault, secret: &Secret32) {
    let store = origin.app.office().store();
    loop {
        let (old, new) = (next_secret(origin).await, vault.seal(&NEXT, secret).unwrap());
        if store.replace_sealed(SealedColumn::NextEdgeSecret, "dev", &old, &new).await.unwrap() {
            return;
        }
    }
}

/// Gives the edge `dev` a second secret, sealed to its own column.
async fn make_next_secret(origin: &Origin, vault: &Vault) {
    let sql = "update edges set next_sealed_secret = sealed_secret, next_auth_hash = auth_hash where id = 'dev'";
    origin.database().await.execute(sql).await.unwrap();
    put_next_secret(origin, vault, &Secret32::new([7; 32])).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_kek_follows_another_while_the_origin_serves() {
    let origin = start(&[1]).await;
    let before = origin.mint().await.cookie;
    origin.app.office().rotate(&tenant("demo")).await.unwrap();
    origin.create_edge("gone", &["demo"]).await;
    assert!(
        origin.app.office().store().revoke_edge(&"gone".parse().unwrap(), origin.app.office().now()).await.unwrap()
    );
    make_next_secret(&origin, &Vault::new(keks(&[1]))).await;

    let app = Arc::new(build(&origin, &[2, 1]).await.unwrap());
    let ended = Arc::new(AtomicBool::new(false));
    let minting = tokio::spawn({
        let (app, ended, token) = (Arc::clone(&app), Arc::clone(&ended), origin.token.clone());
        async move {
            let mut cookies = Vec::new();
            while !ended.load(Ordering::Relaxed) || cookies.len() < 10 {
                cookies.push(mint(&app, &token).await);
                app.office().rotate(&tenant("demo")).await.unwrap();
            }
            cookies
        }
    });
    let old = count_under(&origin, 1).await;
    assert_eq!(old, 10, "two fingerprint keys, five signing keys, three secrets of edges");
    let done = office(&origin, &[2, 1]).await.unwrap().reseal(false).await.unwrap();
    ended.store(true, Ordering::Relaxed);
    let mut cookies = minting.await.unwrap();
    cookies.push(before);
    assert_eq!((done.moved, done.failed), (old, 0));
    let left: Vec<_> = sealed_under(&origin).await.into_iter().filter(|(_, kek)| *kek != id(2)).collect();
    assert!(left.is_empty(), "{left:?}");

    let after = build(&origin, &[2]).await.unwrap();
    for cookie in &cookies {
        let ask = Ask::new(after.public_router(), "GET", "/auth/session").header("x-sealgate-edge", &origin.edge);
        let ask = ask.header("x-sealgate-tenant", "demo").header("x-sealgate-host", "demo.test");
        let answer = ask.header("x-sealgate-proto", "https").cookie(cookie).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let ask = Ask::new(after.private_router(), "GET", "/internal/keyring").header("x-sealgate-edge", &origin.edge);
    let edge: EdgeId = "dev".parse().unwrap();
    KeyringDocument::open(&ask.send().await.body, &edge, &origin.edge_secret()).unwrap();
    assert!(after.office().try_every_secret().await.unwrap().failures.is_empty());

    let error = build(&origin, &[1]).await.unwrap_err();
    let StartError::OtherKek(cause) = &error else { panic!("{error}") };
    assert!(cause.to_string().contains(&id(1)) && cause.to_string().contains(&id(2)), "{cause}");
    assert!(office(&origin, &[1]).await.is_err(), "the command line neither");
}

#[tokio::test]
async fn an_origin_does_not_start_without_a_kek_that_one_tenant_needs() {
    let origin = start(&[1]).await;
    office(&origin, &[2, 1]).await.unwrap().create_tenant(&tenant("new"), &[]).await.unwrap();
    for held in [1, 2] {
        let error = build(&origin, &[held]).await.unwrap_err();
        assert!(matches!(error, StartError::OtherKek(_)), "{error}");
        assert!(office(&origin, &[held]).await.is_ok(), "the command line may put it right");
    }
    build(&origin, &[1, 2]).await.unwrap();
}

#[tokio::test]
async fn cut_off_half_way_it_serves_and_goes_on_where_it_was() {
    let origin = start(&[1]).await;
    let cookie = origin.mint().await.cookie;
    let all = count_under(&origin, 1).await;
    let database = origin.database().await;
    let office = office(&origin, &[2, 1]).await.unwrap();
    // After the tenants and the signing keys, the edges cannot be reached.
    database.execute("alter table edges rename to gone").await.unwrap();
    office.reseal(false).await.unwrap_err();
    database.execute("alter table gone rename to edges").await.unwrap();
    let moved = count_under(&origin, 2).await;
    assert_eq!((moved, count_under(&origin, 1).await), (6, all - 6), "two fingerprint keys and four signing keys");

    let app = build(&origin, &[2, 1]).await.unwrap();
    mint(&app, &origin.token).await;
    assert!(office.try_every_secret().await.unwrap().failures.is_empty());

    let planned = office.reseal(true).await.unwrap();
    assert_eq!((planned.moved, planned.already, planned.failed), (all - moved, moved, 0));
    assert_eq!(count_under(&origin, 2).await, moved, "a dry run moves nothing");
    let done = office.reseal(false).await.unwrap();
    assert_eq!((done.moved, done.already, done.failed), (all - moved, moved, 0));
    let again = office.reseal(false).await.unwrap();
    assert_eq!((again.moved, again.already, again.failed), (0, all, 0));
    let after = build(&origin, &[2]).await.unwrap();
    let inspected = after.office().inspect(cookie.split_once('=').unwrap().1, None).await.unwrap();
    assert_eq!(inspected.reject, None);
}

#[tokio::test]
async fn what_does_not_open_is_told_and_left_and_the_rest_is_moved() {
    let origin = start(&[1]).await;
    office(&origin, &[3, 1]).await.unwrap().create_tenant(&tenant("lost"), &[]).await.unwrap();
    let database = origin.database().await;
    let swap = "update signing_keys set sealed = (select sealed from signing_keys as other \
        where other.tenant = 'other' and other.state = 'active') where tenant = 'demo' and state = 'pending'";
    database.execute(swap).await.unwrap();
    let all = sealed_under(&origin).await;
    let done = office(&origin, &[2, 1]).await.unwrap().reseal(false).await.unwrap();
    assert_eq!((done.moved, done.already, done.failed), (u64::try_from(all.len()).unwrap() - 4, 0, 4));
    let missing: Vec<(String, u64)> = done.missing.iter().map(|(kek, count)| (kek.to_string(), *count)).collect();
    assert_eq!(missing, [(id(3), 3)], "a fingerprint key and two signing keys");
    assert_eq!(done.failures.len(), 1);
    let failure = done.failures[0].to_string();
    assert!(failure.contains("(tenant demo) does not open: it was altered or moved"), "{failure}");
    // It was not made good by sealing it to where it had been put.
    let state = "select count(*) from signing_keys as one, signing_keys as other \
        where one.tenant = 'demo' and one.state = 'pending' and other.tenant = 'other' and other.state = 'active' \
        and substr(one.sealed, 2, 8) <> substr(other.sealed, 2, 8)";
    assert_eq!(database.number(state).await, 1, "the copy is as it was, the original has moved");
    assert_eq!(count_under(&origin, 3).await, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_written_meanwhile_is_never_put_back() {
    let origin = Arc::new(start(&[1]).await);
    let ended = Arc::new(AtomicBool::new(false));
    let resealing = tokio::spawn({
        let (office, ended) = (office(&origin, &[2, 1]).await.unwrap(), Arc::clone(&ended));
        async move {
            while !ended.load(Ordering::Relaxed) {
                office.reseal(false).await.unwrap();
            }
        }
    });
    let vault = Vault::new(keks(&[1, 2]));
    make_next_secret(&origin, &vault).await;
    for number in 0..100 {
        let secret = Secret32::new([number; 32]);
        put_next_secret(&origin, &vault, &secret).await;
        for _ in 0..5 {
            let sealed = next_secret(&origin).await;
            assert_eq!(vault.open(&NEXT, &sealed).unwrap(), secret, "write {number}");
        }
    }
    ended.store(true, Ordering::Relaxed);
    resealing.await.unwrap();
}

#[tokio::test]
async fn a_secret_that_went_meanwhile_does_not_come_back() {
    let origin = start(&[1]).await;
    let store = origin.app.office().store();
    let key = store.sealed_page(SealedColumn::SigningKey, "", 1).await.unwrap().remove(0);
    let destroy = format!(
        "update signing_keys set state = 'destroyed', sealed = null, destroyed_at = '2026-06-01T12:00:00.000Z' \
         where id = '{}'",
        key.id
    );
    origin.database().await.execute(&destroy).await.unwrap();
    assert!(!store.replace_sealed(SealedColumn::SigningKey, &key.id, &key.sealed, &key.sealed).await.unwrap());
    let page = store.sealed_page(SealedColumn::SigningKey, "", 9).await.unwrap();
    assert!(page.iter().all(|row| row.id != key.id));
}

#[tokio::test]
async fn more_than_a_page_is_moved_and_every_secret_once() {
    let origin = start(&[1]).await;
    for number in 0..130 {
        origin.app.office().create_tenant(&tenant(&format!("t{number}")), &[]).await.unwrap();
    }
    let all = u64::try_from(sealed_under(&origin).await.len()).unwrap();
    assert_eq!(all, 132 * 3 + 1);
    let done = office(&origin, &[2, 1]).await.unwrap().reseal(false).await.unwrap();
    assert_eq!((done.moved, done.already, done.failed), (all, 0, 0));
    build(&origin, &[2]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_written_meanwhile_is_moved_as_it_is_then() {
    let origin = Arc::new(start(&[1]).await);
    for number in 10..90 {
        origin.app.office().create_tenant(&tenant(&format!("t{number}")), &[]).await.unwrap();
    }
    let store = origin.app.office().store();
    let fingerprint_keys = || async { store.sealed_page(SealedColumn::FingerprintKey, "", 99).await.unwrap() };
    let last = fingerprint_keys().await.pop().unwrap();
    let place = Place { table: "tenants", column: "fingerprint_key", row: &last.id, tenant: Some(&last.id) };
    let (vault, secret) = (Vault::new(keks(&[1, 2])), Secret32::new([7; 32]));
    let new = vault.seal(&place, &secret).unwrap();

    let before = count_under(&origin, 1).await;
    let resealing = tokio::spawn({
        let office = office(&origin, &[2, 1]).await.unwrap();
        async move { office.reseal(false).await.unwrap() }
    });
    // Once the first of the page has been moved, the last is in memory as it was read.
    while read_kek_id(&fingerprint_keys().await[0].sealed).unwrap().to_string() != id(2) {
        tokio::task::yield_now().await;
    }
    let in_time = store.replace_sealed(SealedColumn::FingerprintKey, &last.id, &last.sealed, &new).await.unwrap();
    let done = resealing.await.unwrap();
    assert_eq!((done.moved, done.failed), (before, 0));
    assert_eq!(count_under(&origin, 1).await, 0);
    let stored = fingerprint_keys().await.pop().unwrap().sealed;
    // On a busy machine the row may have been moved first.
    assert_eq!(vault.open(&place, &stored).unwrap() == secret, in_time);
}
