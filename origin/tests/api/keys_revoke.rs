//! Revoking keys: the next one signs at once, and every session ends that the key could have signed.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use sealgate_origin::store::{KeysRevoked, RevokeKeysOutcome};
use sealgate_shared::id::KeyId;
use sealgate_shared::keyring::KeyMaterial;
use serde_json::json;

use super::internal_keyring::open_ring;
use super::key_life::{demo, keep_house, kid};
use crate::kit::database::Moment;
use crate::kit::{Ask, Minted, Origin};

const REASONS: &str = "select id, revoked_reason from sessions where revoked_at is not null order by id";
const HELD: &str = "select count(*) from sessions join signing_keys on signing_keys.id = sessions.signing_key \
    where sessions.revoked_at is null and signing_keys.state = 'revoked'";
const ENDED: &str = "select count(*) from sessions where revoked_reason = 'key_revoked'";

type Mark = (String, Option<String>, Option<Moment>, Moment);

async fn revoke(origin: &Origin, key: &str, all: bool) -> KeysRevoked {
    let outcome = origin.app.office().revoke_keys(&demo(), key.parse().unwrap(), all).await.unwrap();
    let RevokeKeysOutcome::Revoked(revoked) = outcome else { panic!("{outcome:?}") };
    revoked
}

/// The ids of the tenant's keys in a state.
async fn keys(origin: &Origin, state: &str) -> Vec<String> {
    let sql = format!("select id from signing_keys where tenant = 'demo' and state = '{state}' order by id");
    origin.database().await.rows::<(String,)>(&sql).await.into_iter().map(|(id,)| id).collect()
}

async fn marks(origin: &Origin) -> Vec<Mark> {
    const SQL: &str = "select kind, signing_key, issued_before, expires_at from revocations order by sequence";
    origin.database().await.rows(SQL).await
}

fn moment(text: &str) -> Moment {
    Moment(text.to_owned())
}

async fn assert_ended(origin: &Origin, minted: &Minted) {
    assert_eq!(origin.check(&minted.id).await, "revoked");
    let shown = origin.v1("GET", &format!("/v1/sessions/{}", minted.id)).send().await.json();
    assert_eq!(shown["revoked_reason"], "key_revoked", "{shown}");
    origin.browser("GET", "/auth/session").cookie(&minted.cookie).refused(401, "revoked").await;
}

#[tokio::test]
async fn the_pending_key_signs_and_the_key_s_sessions_have_ended() {
    let origin = Origin::start().await;
    let retired = origin.mint().await;
    origin.app.office().rotate(&demo()).await.unwrap();
    let (one, two) = (origin.mint().await, origin.mint_with(json!({ "actor_id": "bob" })).await);
    let body = json!({ "tenant": "other", "actor_type": "user", "actor_id": "ada" });
    let token = origin.create_token("other", "sessions:mint sessions:read").await;
    let stranger = origin.v1("POST", "/v1/sessions").bearer(&token).json(&body).send().await.json();
    let pending = keys(&origin, "pending").await;
    let version = open_ring(&origin).await.version;
    origin.wait(Duration::from_secs(2));

    let revoked = revoke(&origin, &kid(&one), false).await;
    assert_eq!(revoked.keys.iter().map(KeyId::to_string).collect::<Vec<_>>(), [kid(&one)]);
    assert_eq!(revoked.sessions, 2);
    assert_eq!(keys(&origin, "active").await, pending, "verifiers held it already");
    assert_eq!((revoked.active.to_string(), keys(&origin, "pending").await.len()), (pending[0].clone(), 1));
    for minted in [&one, &two] {
        assert_ended(&origin, minted).await;
    }
    assert_eq!(origin.check(&retired.id).await, "live", "another key signed it");
    let id = stranger["session"]["id"].as_str().unwrap();
    let shown = origin.v1("GET", &format!("/v1/sessions/{id}")).bearer(&token).send().await.json();
    assert_eq!(shown["status"], "live", "another tenant's");

    let ring = open_ring(&origin).await;
    assert!(ring.version > version);
    let found = ring.keys.iter().find(|key| key.id.to_string() == kid(&one)).unwrap();
    assert_eq!(found.material, KeyMaterial::Revoked, "nothing of the key leaves any more");
    let (before, end) = (moment("2026-06-01T12:00:02.000Z"), moment("2026-06-01T12:15:02.000Z"));
    assert_eq!(marks(&origin).await, [("key".to_owned(), Some(kid(&one)), Some(before), end)]);
    assert_eq!(kid(&origin.mint().await), pending[0]);
}

#[tokio::test]
async fn once_more_changes_nothing_and_what_is_not_there_cannot_be_revoked() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    let key = kid(&minted).parse().unwrap();
    let at = origin.clock.now();
    revoke(&origin, &kid(&minted), false).await;
    let version = open_ring(&origin).await.version;
    origin.wait(Duration::from_secs(1));
    let office = origin.app.office();
    let again = office.revoke_keys(&demo(), key, false).await.unwrap();
    assert!(matches!(again, RevokeKeysOutcome::Already { at: found } if found == at), "{again:?}");
    let unknown = office.revoke_keys(&demo(), KeyId::new([9; 8]), true).await.unwrap();
    assert!(matches!(unknown, RevokeKeysOutcome::NotFound), "{unknown:?}");
    let stranger = office.revoke_keys(&"other".parse().unwrap(), key, true).await.unwrap();
    assert!(matches!(stranger, RevokeKeysOutcome::NotFound), "{stranger:?}");
    assert_eq!((open_ring(&origin).await.version, marks(&origin).await.len()), (version, 1));

    origin.wait(Duration::from_mins(16));
    assert_eq!(keep_house(&origin).await.destroyed, 1, "every token of it is dead");
    let destroyed = office.revoke_keys(&demo(), key, true).await.unwrap();
    assert!(matches!(destroyed, RevokeKeysOutcome::Destroyed { .. }), "{destroyed:?}");
    origin.browser("GET", "/auth/session").cookie(&minted.cookie).refused(401, "expired").await;
}

#[tokio::test]
async fn a_revoked_key_is_named_to_edges_until_its_tokens_are_dead() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    revoke(&origin, &kid(&minted), false).await;
    origin.wait(Duration::from_mins(16) - Duration::from_millis(1));
    assert_eq!(keep_house(&origin).await.destroyed, 0);
    assert!(open_ring(&origin).await.keys.iter().any(|key| key.id.to_string() == kid(&minted)));
    origin.browser("GET", "/auth/session").cookie(&minted.cookie).refused(401, "revoked").await;
}

#[tokio::test]
async fn a_pending_or_a_retired_key_can_be_revoked_too() {
    let origin = Origin::start().await;
    let first = origin.mint().await;
    let rotation = origin.app.office().rotate(&demo()).await.unwrap();
    let second = origin.mint().await;

    let revoked = revoke(&origin, &rotation.pending.to_string(), false).await;
    assert_eq!((revoked.sessions, revoked.active), (0, rotation.active));
    assert_ne!(revoked.pending, rotation.pending, "another takes its place");
    assert_eq!(keys(&origin, "pending").await, [revoked.pending.to_string()]);

    let next = revoke(&origin, &kid(&first), false).await;
    assert_eq!((next.sessions, next.active, next.pending), (1, rotation.active, revoked.pending));
    assert_ended(&origin, &first).await;
    assert_eq!(origin.check(&second.id).await, "live");
}

#[tokio::test]
async fn when_an_edge_leaked_every_key_of_the_tenant_goes() {
    let origin = Origin::start().await;
    let first = origin.mint().await;
    origin.app.office().rotate(&demo()).await.unwrap();
    let second = origin.mint().await;
    let mut known = BTreeSet::new();
    for state in ["retired", "active", "pending"] {
        known.extend(keys(&origin, state).await);
    }
    let revoked = revoke(&origin, &kid(&first), true).await;
    assert_eq!(revoked.sessions, 2);
    assert_eq!(revoked.keys.iter().map(KeyId::to_string).collect::<BTreeSet<_>>(), known);
    for minted in [&first, &second] {
        assert_ended(&origin, minted).await;
    }
    let fresh = [revoked.active, revoked.pending].map(|key| key.to_string());
    assert!(fresh.iter().all(|key| !known.contains(key)), "the leaked edge had the pending key as well");
    assert_eq!(keys(&origin, "active").await, [fresh[0].as_str()]);
    assert_eq!(keys(&origin, "pending").await, [fresh[1].as_str()]);
    let marked: BTreeSet<String> = marks(&origin).await.into_iter().filter_map(|mark| mark.1).collect();
    assert_eq!(marked, known, "one mark for each");
    assert_eq!(kid(&origin.mint().await), fresh[0]);
}

#[tokio::test]
async fn a_session_goes_with_the_key_before_and_so_does_its_present_token() {
    let origin = Origin::start().await;
    let minted = origin.mint().await;
    let rotation = origin.app.office().rotate(&demo()).await.unwrap();
    // As if it had been refreshed under the new key, by a clock that is ahead.
    let refreshed = format!(
        "update sessions set signing_key = '{}', previous_signing_key = '{}', \
         issued_at = '2026-06-01T12:00:00.700Z' where id = '{}'",
        rotation.active,
        kid(&minted),
        minted.id
    );
    assert_eq!(origin.database().await.execute(&refreshed).await, Ok(1));
    assert_eq!(revoke(&origin, &kid(&minted), false).await.sessions, 1);
    assert_eq!(origin.check(&minted.id).await, "revoked");
    let end = |at: &str| moment(&format!("2026-06-01T12:{at}Z"));
    assert_eq!(
        marks(&origin).await,
        [
            ("key".to_owned(), Some(kid(&minted)), Some(end("00:00.000")), end("15:00.000")),
            // Its token names the new key, whose other tokens stay good.
            ("session".to_owned(), None, None, end("15:00.700")),
        ]
    );
}

#[tokio::test]
async fn a_sign_in_under_way_goes_with_its_key_and_ended_sessions_stay_as_they_ended() {
    let origin = Origin::start().await;
    let (under_way, signed_out, idle) = (origin.mint().await, origin.mint().await, origin.mint().await);
    let database = origin.database().await;
    database.execute(&format!("update sessions set pre_login = true where id = '{}'", under_way.id)).await.unwrap();
    origin.v1("DELETE", &format!("/v1/sessions/{}", signed_out.id)).send().await;
    origin.wait(Duration::from_hours(2));
    let revoked = revoke(&origin, &kid(&idle), false).await;
    assert_eq!(revoked.sessions, 0, "all were over, or had not begun");
    let reasons: Vec<(String, String)> = database.rows(REASONS).await;
    assert_eq!(reasons, [(signed_out.id, "admin".to_owned())]);

    let fresh = origin.mint().await;
    database.execute(&format!("update sessions set pre_login = true where id = '{}'", fresh.id)).await.unwrap();
    assert_eq!(revoke(&origin, &kid(&fresh), false).await.sessions, 0);
    let sql = format!("select id, revoked_reason from sessions where id = '{}'", fresh.id);
    assert_eq!(database.rows::<(String, String)>(&sql).await, [(fresh.id, "key_revoked".to_owned())]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_session_slips_through_while_its_key_is_revoked() {
    let origin = Arc::new(Origin::start().await);
    let other = origin.start_another().await;
    let minting: Vec<_> = (0..4)
        .map(|number| {
            let app = if number % 2 == 0 { origin.app.clone() } else { other.clone() };
            let token = origin.token.clone();
            tokio::spawn(async move {
                let body = json!({ "tenant": "demo", "actor_type": "user", "actor_id": "ada" });
                for _ in 0..25 {
                    let ask = Ask::new(app.private_router(), "POST", "/v1/sessions").bearer(&token).json(&body);
                    assert_eq!(ask.send().await.status, 201);
                }
            })
        })
        .collect();
    let mut ended = 0;
    for _ in 0..8 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let active = keys(&origin, "active").await.remove(0);
        ended += revoke(&origin, &active, false).await.sessions;
    }
    for one in minting {
        one.await.unwrap();
    }
    let database = origin.database().await;
    assert_eq!(database.number(HELD).await, 0);
    assert_eq!(database.number(ENDED).await.unsigned_abs(), ended);
    assert_eq!((keys(&origin, "active").await.len(), keys(&origin, "pending").await.len()), (1, 1));
}
