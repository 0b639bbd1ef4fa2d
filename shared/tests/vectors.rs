//! Runs `vectors/v1.json`, `feed.json` and `refresh.json` through the public interface. The files were made by an
//! implementation in Python that shares nothing with this crate; `vectors/check.py` runs the same cases there.

#[path = "vectors/feed.rs"]
mod feed;
#[path = "vectors/refresh.rs"]
mod refresh;

use std::collections::BTreeSet;

use sealgate_shared::claims::Claims;
use sealgate_shared::cookie::{CookieName, CookieNames, Selection, select, values_of};
use sealgate_shared::edge::{EdgeSecret, parse_credential};
use sealgate_shared::id::{KeyId, TenantId};
use sealgate_shared::key::{Purpose, SigningKey};
use sealgate_shared::keyring::{KeyMaterial, Keyring, KeyringDocument, OpenError, PublishedKey};
use sealgate_shared::reject::Reject;
use sealgate_shared::secret::Secret32;
use sealgate_shared::time::UnixMillis;
use sealgate_shared::token::{CLOCK_LEEWAY_MS, MAX_LENGTH, Sealed, TokenKind};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// The reason that is not found in one token, but in several.
const NOT_OF_THE_TOKEN: [Reject; 1] = [Reject::AmbiguousSession];

#[derive(Deserialize)]
struct TokenCase {
    name: String,
    token: String,
    kind: String,
    tenant: TenantId,
    now_ms: u64,
    expect: Value,
}

#[derive(Deserialize)]
struct HeaderCase {
    name: String,
    header: String,
    lines: Option<Vec<String>>,
    tenant: TenantId,
    now_ms: u64,
    expect: Value,
}

#[derive(Deserialize)]
struct DocumentCase {
    name: String,
    edge: String,
    secret: String,
    sealed: String,
    expect: Value,
}

fn vectors() -> Value {
    serde_json::from_str(include_str!("vectors/v1.json")).unwrap()
}

fn cases<T: DeserializeOwned>(of: &str) -> Vec<T> {
    serde_json::from_value(vectors()[of].clone()).unwrap()
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap()
}

fn secret(hex_text: &str) -> Secret32 {
    Secret32::new(hex::decode(hex_text).unwrap().try_into().unwrap())
}

fn key_id(kid: &str) -> KeyId {
    format!("sk-{kid}").parse().unwrap()
}

fn signing_keys() -> Vec<SigningKey> {
    let keys = vectors()["ring"]["keys"].as_array().unwrap().clone();
    let key = |key: &Value| {
        let tenant = text(key, "tenant").parse().unwrap();
        SigningKey::new(key_id(text(key, "kid")), tenant, secret(text(key, "signing_key")))
    };
    keys.iter().map(key).collect()
}

fn signing_key(kid: &str) -> SigningKey {
    signing_keys().into_iter().find(|key| key.id() == key_id(kid)).unwrap()
}

fn ring() -> Keyring {
    let ring = &vectors()["ring"];
    let number = |field: &str| ring[field].as_u64().unwrap();
    let keys = ring["keys"].as_array().unwrap();
    let published: Vec<_> = keys.iter().zip(signing_keys()).map(|(key, signing)| publish(key, &signing)).collect();
    Keyring::new(number("version"), number("max_lifetime_ms"), &published).unwrap()
}

/// What a verifier is given of the key.
fn publish(key: &Value, signing: &SigningKey) -> PublishedKey {
    match text(key, "state") {
        "verifying" => signing.publish(),
        "retired" => signing.publish_retired(),
        "revoked" => PublishedKey::revoked(signing.id(), signing.tenant().clone()),
        other => panic!("state {other}"),
    }
}

fn rejected(label: &str) -> Value {
    json!({ "reject": label })
}

fn accepted(claims: &Claims) -> Value {
    json!({ "ok": {
        "session": claims.session,
        "tenant": claims.tenant,
        "actor_type": claims.actor_type,
        "actor_id": claims.actor_id,
        "issued_at_ms": claims.issued_at.as_u64(),
        "expires_at_ms": claims.expires_at.as_u64(),
        "authenticated_at_ms": claims.authenticated_at.as_u64(),
        "generation": claims.generation,
        "assurance": claims.assurance,
        "roles": claims.roles,
    } })
}

fn kind(case: &TokenCase) -> TokenKind {
    match case.kind.as_str() {
        "access" => TokenKind::Access,
        "bearer" => TokenKind::Bearer,
        other => panic!("kind {other}"),
    }
}

fn verify(case: &TokenCase, ring: &Keyring) -> Result<Claims, Reject> {
    let now = UnixMillis::new(case.now_ms).unwrap();
    let token = Sealed::parse(&case.token)?.authenticate(kind(case), ring, &case.tenant)?;
    Ok(token.verify(now)?.claims().clone())
}

#[test]
fn tokens() {
    let ring = ring();
    for case in cases::<TokenCase>("tokens") {
        let outcome = match verify(&case, &ring) {
            Ok(claims) => accepted(&claims),
            Err(reject) => rejected(reject.label()),
        };
        assert_eq!(outcome, case.expect, "{}", case.name);
    }
}

#[test]
fn good_access_tokens_are_what_we_would_seal() {
    let ring = ring();
    for case in cases::<TokenCase>("tokens") {
        let Ok(claims) = verify(&case, &ring) else { continue };
        if kind(&case) == TokenKind::Access {
            let kid = Sealed::parse(&case.token).unwrap().kid();
            let key = signing_keys().into_iter().find(|key| key.id() == kid).unwrap();
            assert_eq!(key.access_sealer().seal(&claims).as_ref(), Ok(&case.token), "{}", case.name);
        }
    }
}

#[test]
fn every_reason_occurs_and_most_cases_are_negative() {
    let cases = cases::<TokenCase>("tokens");
    let found: BTreeSet<_> = cases.iter().filter_map(|case| case.expect["reject"].as_str()).collect();
    let of_the_token = Reject::ALL.into_iter().filter(|reject| !NOT_OF_THE_TOKEN.contains(reject));
    assert_eq!(found, of_the_token.map(Reject::label).collect());

    let negative = cases.iter().filter(|case| case.expect["reject"].is_string()).count();
    assert!(cases.len() >= 80, "{} cases", cases.len());
    assert!(negative > cases.len() - negative, "{negative} of {} are negative", cases.len());
    let names: BTreeSet<_> = cases.iter().map(|case| &case.name).collect();
    assert_eq!(names.len(), cases.len(), "two cases of one name");
}

#[test]
fn limits() {
    assert_eq!(vectors()["max_length"], MAX_LENGTH);
    assert_eq!(vectors()["leeway_ms"], CLOCK_LEEWAY_MS);
}

#[test]
fn cookie_headers() {
    let ring = ring();
    for case in cases::<HeaderCase>("cookie_headers") {
        let values = values_of(&case.header, CookieNames::Host, CookieName::Access);
        let outcome = match select(values, &ring, &case.tenant, UnixMillis::new(case.now_ms).unwrap()) {
            Selection::Missing => rejected("missing"),
            Selection::Verified(token) => accepted(token.claims()),
            Selection::Expired(_) => rejected(Reject::Expired.label()),
            Selection::Rejected(reject) => rejected(reject.label()),
        };
        assert_eq!(outcome, case.expect, "{}", case.name);
        // RFC 9113 §8.2.3: what came in several lines is joined before anybody reads it.
        assert!(case.lines.is_none_or(|lines| lines.join("; ") == case.header), "{}", case.name);
    }
}

#[test]
fn subkeys() {
    let purposes = Purpose::ALL;
    for case in cases::<Value>("subkeys") {
        let purpose = *purposes.iter().find(|purpose| purpose.label() == text(&case, "purpose")).unwrap();
        let key = signing_key(text(&case, "kid"));
        assert_eq!(key.tenant().as_str(), text(&case, "tenant"));
        assert_eq!(hex::encode(key.derive(purpose).expose()), text(&case, "subkey"), "{case}");
    }
    let keys = signing_keys().len();
    assert_eq!(cases::<Value>("subkeys").len(), keys * purposes.len());
}

#[test]
fn csrf_tokens() {
    let ring = ring();
    for case in cases::<Value>("csrf") {
        let key = ring.find(key_id(text(&case, "kid"))).unwrap();
        let token = key.csrf_token(text(&case, "session").parse().unwrap()).unwrap();
        assert_eq!(token.expose(), text(&case, "token"));
        assert!(token.matches(text(&case, "token")));
    }
}

#[test]
fn edges() {
    for case in cases::<Value>("edges") {
        let (edge, secret_) = (text(&case, "edge").parse().unwrap(), EdgeSecret::new(secret(text(&case, "secret"))));
        assert_eq!(hex::encode(secret_.auth().expose()), text(&case, "auth"));
        assert_eq!(secret_.credential(&edge), text(&case, "credential"));
        assert_eq!(parse_credential(text(&case, "credential")), Some((edge, secret_.auth())));
    }
}

fn open(case: &DocumentCase) -> Result<KeyringDocument, OpenError> {
    let secret = EdgeSecret::new(secret(&case.secret));
    let document = KeyringDocument::open(&hex::decode(&case.sealed).unwrap(), &case.edge.parse().unwrap(), &secret)?;
    document.to_ring()?;
    Ok(document)
}

fn describe(document: &KeyringDocument) -> Value {
    let keys: Vec<_> = document.keys.iter().map(describe_key).collect();
    json!({ "ok": { "version": document.version, "max_lifetime_ms": document.max_lifetime_ms, "keys": keys } })
}

fn describe_key(key: &PublishedKey) -> Value {
    let mut described = json!({ "id": key.id, "tenant": key.tenant });
    let mut put = |name: &str, value: String| described[name] = value.into();
    let (state, tokens, sessions) = match &key.material {
        KeyMaterial::Verifying(tokens, sessions) => ("verifying", Some(tokens), Some(sessions)),
        KeyMaterial::Retired(sessions) => ("retired", None, Some(sessions)),
        KeyMaterial::Revoked => ("revoked", None, None),
    };
    put("state", state.to_owned());
    if let Some(tokens) = tokens {
        put("access", hex::encode(tokens.access.expose()));
        put("bearer", hex::encode(tokens.bearer.expose()));
    }
    if let Some(sessions) = sessions {
        put("csrf", hex::encode(sessions.csrf.expose()));
        put("refresh-filter", hex::encode(sessions.refresh_filter.expose()));
    }
    described
}

#[test]
fn keyring_documents() {
    for case in cases::<DocumentCase>("keyring_documents") {
        let outcome = match open(&case) {
            Ok(document) => describe(&document),
            Err(OpenError::Envelope(_)) => rejected("envelope"),
            Err(OpenError::Content) => rejected("content"),
            Err(OpenError::DuplicateKey(_)) => rejected("duplicate_key"),
        };
        assert_eq!(outcome, case.expect, "{}", case.name);
    }
}

#[test]
fn good_keyring_documents_are_what_we_would_seal() {
    for case in cases::<DocumentCase>("keyring_documents") {
        let Ok(document) = open(&case) else { continue };
        let sealed = hex::decode(&case.sealed).unwrap();
        let nonce = sealed[1..13].try_into().unwrap();
        let again = document.seal(&case.edge.parse().unwrap(), &EdgeSecret::new(secret(&case.secret)), nonce);
        assert_eq!(again, sealed, "{}", case.name);
    }
}
