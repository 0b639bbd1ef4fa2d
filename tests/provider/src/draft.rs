//! A token before it is signed, in whatever way.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::key::{Algorithm, Key, hmac_sha256};
use crate::merge::merge;

/// A header and claims, and the key they are meant for.
#[derive(Clone, Debug)]
pub struct Draft {
    pub header: Value,
    pub claims: Value,
    pub key: Key,
    pub algorithm: Algorithm,
}

impl Draft {
    /// With these claims, and a header that names the key and the algorithm.
    pub fn new(key: Key, algorithm: Algorithm, claims: Value) -> Self {
        let header = json!({ "alg": algorithm.name(), "kid": key.id() });
        Self { header, claims, key, algorithm }
    }

    /// With these members in the header; null takes one away.
    #[must_use]
    pub fn header(mut self, changes: &Value) -> Self {
        merge(&mut self.header, changes);
        self
    }

    /// With these claims; null takes one away.
    #[must_use]
    pub fn claims(mut self, changes: &Value) -> Self {
        merge(&mut self.claims, changes);
        self
    }

    /// Signed as it is meant to be.
    pub fn sign(&self) -> String {
        self.sign_with(self.key, self.algorithm)
    }

    /// Signed with another key or in another way than the header says.
    pub fn sign_with(&self, key: Key, algorithm: Algorithm) -> String {
        sign(&self.header.to_string(), &self.claims.to_string(), key, algorithm)
    }

    /// Texts of a test's own, which need not be JSON, signed as this is meant to be.
    pub fn sign_these(&self, header: &str, claims: &str) -> String {
        sign(header, claims, self.key, self.algorithm)
    }

    /// What is signed: both texts as they are sent.
    pub fn message(&self) -> String {
        format!("{}.{}", encode(self.header.to_string()), encode(self.claims.to_string()))
    }

    /// With a signature of the test's own.
    pub fn with_signature(&self, signature: impl AsRef<[u8]>) -> String {
        format!("{}.{}", self.message(), encode(signature))
    }

    /// With a MAC as its signature.
    pub fn mac(&self, secret: &[u8]) -> String {
        self.with_signature(hmac_sha256(secret, self.message().as_bytes()))
    }
}

fn sign(header: &str, claims: &str, key: Key, algorithm: Algorithm) -> String {
    let message = format!("{}.{}", encode(header), encode(claims));
    let signature = encode(key.sign(algorithm, message.as_bytes()));
    format!("{message}.{signature}")
}

/// As parts of a token are written: base64url without padding.
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
