//! Keys, and what can be signed with them.

use std::collections::HashMap;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, RsaEncoding, RsaKeyPair};
use ring::{digest, hmac};
use serde_json::{Value, json};

/// A key that the provider has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    Rsa,
    /// Another of the same kind.
    OtherRsa,
    P256,
    P384,
    Ed25519,
}

/// How something is signed, whatever its header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    /// As ES256, in the encoding of certificates.
    Es256Der,
    EdDsa,
}

#[derive(Debug)]
struct Material {
    pkcs8: Vec<u8>,
    jwk: Value,
}

static KEYS: LazyLock<HashMap<&'static str, Material>> = LazyLock::new(|| {
    let file: Value = serde_json::from_str(include_str!("../keys/keys.json")).expect("the file is JSON");
    let read = |name: &'static str| {
        let pkcs8 = BASE64_STANDARD.decode(file[name]["pkcs8"].as_str().expect("a key")).expect("base64");
        (name, Material { pkcs8, jwk: file[name]["jwk"].clone() })
    };
    ["rsa", "other_rsa", "p256", "p384", "ed25519"].into_iter().map(read).collect()
});

static RANDOM: LazyLock<SystemRandom> = LazyLock::new(SystemRandom::new);

impl Key {
    /// What it is called in the set of keys.
    pub fn id(self) -> &'static str {
        match self {
            Self::Rsa => "rsa",
            Self::OtherRsa => "other_rsa",
            Self::P256 => "p256",
            Self::P384 => "p384",
            Self::Ed25519 => "ed25519",
        }
    }

    /// Its public half, as it is published.
    pub fn jwk(self) -> Value {
        let mut jwk = self.material().jwk.clone();
        jwk["kid"] = json!(self.id());
        jwk["use"] = json!("sig");
        jwk
    }

    /// Its public half under another name.
    pub fn jwk_named(self, id: &str) -> Value {
        let mut jwk = self.jwk();
        jwk["kid"] = json!(id);
        jwk
    }

    /// The bytes of its public half: what an HMAC would be made with by who takes a public key for a secret.
    pub fn public_bytes(self) -> Vec<u8> {
        match self {
            Self::Rsa | Self::OtherRsa => RsaKeyPair::from_pkcs8(&self.material().pkcs8)
                .map(|pair| signature::KeyPair::public_key(&pair).as_ref().to_vec())
                .expect("the file has an RSA key"),
            _ => self.jwk().to_string().into_bytes(),
        }
    }

    /// What it is used with where nothing is said.
    pub fn usual_algorithm(self) -> Algorithm {
        match self {
            Self::Rsa | Self::OtherRsa => Algorithm::Rs256,
            Self::P256 => Algorithm::Es256,
            Self::P384 => Algorithm::Es384,
            Self::Ed25519 => Algorithm::EdDsa,
        }
    }

    pub fn sign(self, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        match algorithm {
            Algorithm::Rs256 => self.sign_rsa(&signature::RSA_PKCS1_SHA256, message),
            Algorithm::Rs384 => self.sign_rsa(&signature::RSA_PKCS1_SHA384, message),
            Algorithm::Rs512 => self.sign_rsa(&signature::RSA_PKCS1_SHA512, message),
            Algorithm::Ps256 => self.sign_rsa(&signature::RSA_PSS_SHA256, message),
            Algorithm::Ps384 => self.sign_rsa(&signature::RSA_PSS_SHA384, message),
            Algorithm::Ps512 => self.sign_rsa(&signature::RSA_PSS_SHA512, message),
            Algorithm::Es256 => self.sign_ecdsa(&signature::ECDSA_P256_SHA256_FIXED_SIGNING, message),
            Algorithm::Es384 => self.sign_ecdsa(&signature::ECDSA_P384_SHA384_FIXED_SIGNING, message),
            Algorithm::Es256Der => self.sign_ecdsa(&signature::ECDSA_P256_SHA256_ASN1_SIGNING, message),
            Algorithm::EdDsa => {
                let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&self.material().pkcs8);
                pair.expect("the file has an Ed25519 key").sign(message).as_ref().to_vec()
            }
        }
    }

    fn sign_rsa(self, encoding: &'static dyn RsaEncoding, message: &[u8]) -> Vec<u8> {
        let pair = RsaKeyPair::from_pkcs8(&self.material().pkcs8).expect("the file has an RSA key");
        let mut signature = vec![0; pair.public().modulus_len()];
        pair.sign(encoding, &*RANDOM, message, &mut signature).expect("the key is long enough");
        signature
    }

    fn sign_ecdsa(self, algorithm: &'static EcdsaSigningAlgorithm, message: &[u8]) -> Vec<u8> {
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, &self.material().pkcs8, &*RANDOM);
        let pair = pair.expect("the file has a key on that curve");
        pair.sign(&*RANDOM, message).expect("there is randomness").as_ref().to_vec()
    }

    fn material(self) -> &'static Material {
        &KEYS[self.id()]
    }
}

impl Algorithm {
    /// What a header calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 | Self::Es256Der => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The hash that goes with it, of which `at_hash` is the first half.
    pub(crate) fn hash(self, text: &str) -> Vec<u8> {
        let algorithm = match self {
            Self::Rs256 | Self::Ps256 | Self::Es256 | Self::Es256Der => &digest::SHA256,
            Self::Rs384 | Self::Ps384 | Self::Es384 => &digest::SHA384,
            Self::Rs512 | Self::Ps512 | Self::EdDsa => &digest::SHA512,
        };
        digest::digest(algorithm, text.as_bytes()).as_ref().to_vec()
    }
}

pub(crate) fn hmac_sha256(secret: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &[u8] = b"what is signed";

    #[test]
    fn every_key_signs_in_each_of_its_ways() {
        use Algorithm::{Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};
        for key in [Key::Rsa, Key::OtherRsa] {
            for algorithm in [Rs256, Rs384, Rs512, Ps256, Ps384, Ps512] {
                assert_eq!(key.sign(algorithm, MESSAGE).len(), 256, "{key:?} {algorithm:?}");
            }
            assert_eq!(key.public_bytes()[0], 0x30, "DER");
        }
        assert_eq!(Key::P256.sign(Algorithm::Es256, MESSAGE).len(), 64);
        assert_eq!(Key::P256.sign(Algorithm::Es256Der, MESSAGE)[0], 0x30, "DER");
        assert_eq!(Key::P384.sign(Algorithm::Es384, MESSAGE).len(), 96);
        assert_eq!(Key::Ed25519.sign(Algorithm::EdDsa, MESSAGE).len(), 64);
    }
}
