//! The keys of the test vectors, and MACs made without the crate under test.

use std::sync::LazyLock;

use hmac::{Hmac, KeyInit, Mac};
use sealgate_shared::id::{KeyId, TenantId};
use sealgate_shared::key::{Purpose, SigningKey};
use sealgate_shared::keyring::{Keyring, PublishedKey};
use sealgate_shared::reject::Reject;
use sealgate_shared::secret::Secret32;
use sealgate_shared::time::UnixMillis;
use serde_json::Value;
use sha2::Sha256;

use crate::reference;

/// The vectors' keys and the ring of them, in which some can no longer verify.
pub(crate) struct World {
    pub(crate) keys: Vec<SigningKey>,
    pub(crate) ring: Keyring,
    states: Vec<String>,
}

pub(crate) static WORLD: LazyLock<World> = LazyLock::new(World::read);

impl World {
    fn read() -> Self {
        let vectors: Value = serde_json::from_str(include_str!("../../shared/tests/vectors/v1.json")).unwrap();
        let ring = &vectors["ring"];
        let list = ring["keys"].as_array().unwrap();
        let keys: Vec<_> = list.iter().map(signing_key).collect();
        let states: Vec<_> = list.iter().map(|key| key["state"].as_str().unwrap().to_owned()).collect();
        let published: Vec<_> = keys.iter().zip(&states).map(|(key, state)| publish(key, state)).collect();
        let number = |field: &str| ring[field].as_u64().unwrap();
        let ring = Keyring::new(number("version"), number("max_lifetime_ms"), &published).unwrap();
        Self { keys, ring, states }
    }

    pub(crate) fn find(&self, kid: &[u8]) -> Option<&SigningKey> {
        self.keys.iter().find(|key| key.id().as_bytes() == kid)
    }

    /// Why a token under that key is refused unread, if it is.
    pub(crate) fn refusal(&self, kid: &[u8]) -> Option<Reject> {
        let Some(position) = self.keys.iter().position(|key| key.id().as_bytes() == kid) else {
            return Some(Reject::UnknownKid);
        };
        match &*self.states[position] {
            "retired" => Some(Reject::Expired),
            "revoked" => Some(Reject::Revoked),
            _ => None,
        }
    }
}

fn publish(key: &SigningKey, state: &str) -> PublishedKey {
    match state {
        "verifying" => key.publish(),
        "retired" => key.publish_retired(),
        "revoked" => PublishedKey::revoked(key.id(), key.tenant().clone()),
        other => panic!("state {other}"),
    }
}

fn signing_key(key: &Value) -> SigningKey {
    let text = |field: &str| key[field].as_str().unwrap();
    let digits = text("signing_key");
    let byte = |at: usize| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap();
    let id: KeyId = format!("sk-{}", text("kid")).parse().unwrap();
    SigningKey::new(id, text("tenant").parse().unwrap(), Secret32::new(std::array::from_fn(byte)))
}

/// When most of the vectors are good.
pub(crate) fn now() -> UnixMillis {
    UnixMillis::new(1_800_000_000_000).unwrap()
}

pub(crate) fn demo() -> TenantId {
    "demo".parse().unwrap()
}

pub(crate) fn mac(key: &SigningKey, purpose: Purpose, message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.derive(purpose).expose()).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// `signed` with the MAC that belongs to it.
pub(crate) fn sign(key: &SigningKey, purpose: Purpose, signed: &str) -> String {
    format!("{signed}.{}", reference::encode_base64url(&mac(key, purpose, signed.as_bytes())))
}

/// The key's id as a token carries it.
pub(crate) fn kid(key: &SigningKey) -> String {
    reference::encode_base64url(key.id().as_bytes())
}
