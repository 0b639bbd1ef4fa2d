//! A door with keys, and tokens for it, for the tests.

use sealgate_shared::claims::Claims;
use sealgate_shared::edge::EdgeSecret;
use sealgate_shared::id::{KeyId, Roles, SessionId};
use sealgate_shared::key::SigningKey;
use sealgate_shared::keyring::{Keyring, KeyringDocument, PublishedKey};
use sealgate_shared::refresh::{Channel, RefreshClaims};
use sealgate_shared::revocation::{Entry, Head, Position, Revoked, write_snapshot};
use sealgate_shared::secret::Secret32;
use sealgate_shared::time::UnixMillis;

use crate::door::{Answer, Door};
use crate::errand::{Asked, Errand, Keep, Outcome};
use crate::settings::Settings;
use crate::settings::tests::{JSON, secret};

pub(crate) const SESSION: SessionId = SessionId::new([1; 16]);
pub(crate) const OTHER_SESSION: SessionId = SessionId::new([2; 16]);

/// The moment at which the sample tokens are made.
pub(crate) const NOW: UnixMillis = UnixMillis::EPOCH.plus(1_800_000_000_000);

pub(crate) fn key(number: u8, tenant: &str) -> SigningKey {
    SigningKey::new(KeyId::new([number; 8]), tenant.parse().unwrap(), Secret32::new([number; 32]))
}

pub(crate) fn claims(session: SessionId) -> Claims {
    Claims {
        session,
        tenant: "demo".parse().unwrap(),
        actor_type: "user".parse().unwrap(),
        actor_id: "ada".parse().unwrap(),
        issued_at: NOW,
        expires_at: NOW.plus(900_000),
        authenticated_at: NOW,
        generation: 0,
        assurance: 1,
        roles: Roles::new(vec!["admin".parse().unwrap()]).unwrap(),
    }
}

/// The number of a key of the tenant `demo` of which every token is dead.
pub(crate) const RETIRED: u8 = 3;

/// The number of a key of the tenant `demo` that was revoked.
pub(crate) const REVOKED: u8 = 4;

/// A token under the key of its tenant.
pub(crate) fn token(claims: &Claims) -> String {
    token_under(number_of(claims), claims)
}

fn number_of(claims: &Claims) -> u8 {
    if claims.tenant.as_str() == "demo" { 1 } else { 2 }
}

pub(crate) fn token_under(number: u8, claims: &Claims) -> String {
    key(number, claims.tenant.as_str()).access_sealer().seal(claims).unwrap()
}

pub(crate) fn cookie(claims: &Claims) -> String {
    format!("__Host-sg={}", token(claims))
}

/// The same session's token of another generation, made at that moment.
pub(crate) fn claims_at(session: SessionId, generation: u32, issued_at: UnixMillis) -> Claims {
    Claims {
        generation,
        issued_at,
        expires_at: issued_at.plus(900_000),
        authenticated_at: NOW.minus(900_000),
        ..claims(session)
    }
}

/// A token whose time was over at [`NOW`].
pub(crate) fn expired(session: SessionId) -> Claims {
    claims_at(session, 0, NOW.minus(900_000))
}

/// The idle time of the sample sessions, in milliseconds.
pub(crate) const IDLE_MS: u64 = 3_600_000;

pub(crate) const fn refresh_claims(session: SessionId, generation: u32) -> RefreshClaims {
    RefreshClaims { session, generation, channel: Channel::Cookie, idle_expires_at: NOW.plus(IDLE_MS) }
}

/// A refresh token of the tenant `demo` under one of its keys.
pub(crate) fn refresh_under(number: u8, claims: &RefreshClaims) -> String {
    key(number, "demo").refresh_sealer().seal(claims)
}

/// A good one.
pub(crate) fn refresh(session: SessionId, generation: u32) -> String {
    refresh_under(1, &refresh_claims(session, generation))
}

pub(crate) fn refresh_cookie(session: SessionId) -> String {
    format!("__Host-sg_refresh={}", refresh(session, 0))
}

/// What shows a good refresh token to the origin.
pub(crate) fn refresh_errand(session: SessionId, generation: u32) -> Errand {
    Errand::Refresh { tenant: "demo".parse().unwrap(), token: refresh(session, generation) }
}

/// The `Set-Cookie` lines of a refresh, and the `Cookie` header of a browser that has taken them.
pub(crate) fn refreshed(session: SessionId, generation: u32, at: UnixMillis) -> (Vec<String>, String) {
    let access = token(&claims_at(session, generation, at));
    let (access, refresh) =
        (format!("__Host-sg={access}"), format!("__Host-sg_refresh={}", refresh(session, generation)));
    let line = |pair: &str| format!("{pair}; Path=/; Secure; HttpOnly; SameSite=Lax");
    (vec![line(&access), line(&refresh)], format!("{access}; {refresh}"))
}

/// What the origin answers then.
pub(crate) fn refreshed_body(lines: &[String]) -> Vec<u8> {
    let lines = serde_json::to_string(lines).unwrap();
    format!(r#"{{"status":"refreshed","access_token":"v1","refresh_token":"r1","set_cookie":{lines},"keyring":1}}"#)
        .into_bytes()
}

/// A sample session's CSRF token.
pub(crate) fn csrf_token(session: SessionId) -> String {
    let key = key(1, "demo").publish();
    let ring = Keyring::new(1, 0, std::slice::from_ref(&key)).unwrap();
    ring.find(key.id).unwrap().csrf_token(session).unwrap().expose()
}

/// A token for `Authorization: Bearer`.
pub(crate) fn bearer_token(claims: &Claims) -> String {
    key(number_of(claims), claims.tenant.as_str()).bearer_sealer().seal(claims).unwrap()
}

/// A sealed keyring with the keys of both tenants.
pub(crate) fn keyring(version: u64) -> Vec<u8> {
    let revoked = key(REVOKED, "demo");
    let revoked = PublishedKey::revoked(revoked.id(), revoked.tenant().clone());
    let keys =
        vec![key(1, "demo").publish(), key(2, "other").publish(), key(RETIRED, "demo").publish_retired(), revoked];
    seal_ring(version, keys)
}

pub(crate) fn seal_ring(version: u64, keys: Vec<PublishedKey>) -> Vec<u8> {
    let document = KeyringDocument { version, max_lifetime_ms: 900_000, keys };
    document.seal(&"dev".parse().unwrap(), &edge_secret(), [0; 12])
}

/// A position of the first epoch.
pub(crate) const fn at(sequence: u64) -> Position {
    Position { epoch: 1, sequence }
}

pub(crate) const HEAD: Errand = Errand::Head { is_direct: true };

/// A head in answer to [`CHALLENGE`], under the first keyring, with these entries behind `after`.
pub(crate) fn head_of(position: Position, after: u64, revoked: &[Revoked]) -> Head {
    let entries = revoked.iter().map(entry).collect();
    Head { challenge: CHALLENGE.to_owned(), position, after, keyring: 1, snapshot: position.sequence, entries }
}

/// The same, sealed.
pub(crate) fn head(position: Position, after: u64, revoked: &[Revoked]) -> Vec<u8> {
    seal(&head_of(position, after, revoked))
}

pub(crate) fn entry(revoked: &Revoked) -> Entry {
    Entry { revoked: revoked.clone(), expires_at: NOW.plus(900_000) }
}

pub(crate) fn seal(head: &Head) -> Vec<u8> {
    head.seal(&"dev".parse().unwrap(), &edge_secret(), [0; 12])
}

/// A sealed snapshot.
pub(crate) fn snapshot(position: Position, revoked: &[Revoked]) -> Vec<u8> {
    let entries: Vec<_> = revoked.iter().map(entry).collect();
    let edge = "dev".parse().unwrap();
    write_snapshot(position, &entries, [1; 8], (&edge, &edge_secret()), || Ok([0; 12])).unwrap()
}

pub(crate) fn edge_secret() -> EdgeSecret {
    EdgeSecret::new(Secret32::from_base64url(&secret()).unwrap())
}

pub(crate) const CHALLENGE: &str = "challenge-1";

/// Takes in the whole answer to a question that was sent at a moment.
pub(crate) fn absorb(door: &mut Door, errand: &Errand, status: u16, body: &[u8], asked_at: UnixMillis) -> Outcome {
    door.absorb(errand, Answer { status, body, left: 0 }, &Asked { at: asked_at, challenge: CHALLENGE })
}

/// A door without keys, and without revocations.
pub(crate) fn empty_door() -> Door {
    Door::new(settings_with(""))
}

/// A door that fetched its keys just now.
pub(crate) fn door_with_keys() -> Door {
    fetch_keys(empty_door())
}

/// A door that fetched its keys just now, and knows that nothing was revoked.
pub(crate) fn door() -> Door {
    door_with("")
}

/// The same, with some of the settings.
pub(crate) fn door_with(settings: &str) -> Door {
    let mut door = fetch_keys(Door::new(settings_with(settings)));
    assert_eq!(door.feed.errand(NOW), HEAD);
    assert_eq!(absorb(&mut door, &HEAD, 200, &head(at(0), 0, &[]), NOW), Outcome::Feed(Keep::Too));
    door
}

/// The settings of the sample, with some more; say `"feed_cache": "1s",`.
pub(crate) fn settings_with(settings: &str) -> Settings {
    Settings::parse(&JSON.replacen('{', &format!("{{{settings}"), 1), &secret(), "").unwrap()
}

fn fetch_keys(mut door: Door) -> Door {
    assert_eq!(absorb(&mut door, &Errand::Keyring, 200, &keyring(1), NOW), Outcome::Keyring);
    door
}
