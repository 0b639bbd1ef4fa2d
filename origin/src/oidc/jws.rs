//! A signed token of a provider: a JSON Web Signature in its compact form (RFC 7515 §7.1) over a set of claims (RFC 7519).
//!
//! ID tokens and logout tokens go the same way. Of what the header says, the key's name is a hint and the algorithm is
//! compared with a list; nothing else of it is acted on, and the claims are not looked at before the signature holds.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{CoreJsonWebKey, CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKey as _, SignatureVerificationError};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::ALLOWED_ALGORITHMS;

/// The longest token that is looked at.
const MAX_LENGTH: usize = 64 * 1_024;

/// Why a token does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JwsFault {
    /// Not a token of that form, or with a header that asks for what we do not do, or of which nobody has heard.
    Malformed,
    /// The algorithm is none of those allowed.
    Algorithm,
    /// None of the keys, or more than one, could have signed it.
    KeyUnknown,
    /// The signature is not that key's.
    Signature,
}

/// A token that has been taken apart, and nothing more.
pub struct Jws<'t> {
    header: Header,
    /// What was signed.
    signed: &'t str,
    payload: &'t str,
    signature: Vec<u8>,
}

/// A token whose signature holds.
pub struct VerifiedJws<'k> {
    pub claims: Map<String, Value>,
    algorithm: CoreJwsSigningAlgorithm,
    key: &'k CoreJsonWebKey,
}

/// A header that says a thing twice is refused.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    cty: Option<Value>,
    crit: Option<Value>,
}

impl<'t> Jws<'t> {
    /// Takes a token apart whose type, if it says one, is one of `types` (in lower case; `application/` in front of them makes
    /// no difference, RFC 7515 §4.1.9).
    pub fn parse(text: &'t str, types: &[&str]) -> Result<Self, JwsFault> {
        if text.len() > MAX_LENGTH {
            return Err(JwsFault::Malformed);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(JwsFault::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(JwsFault::Malformed)?;
        if payload.contains('.') {
            return Err(JwsFault::Malformed);
        }
        let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| JwsFault::Malformed)?;
        let is_foreign = header.typ.as_ref().is_some_and(|typ| !is_one_of(typ, types));
        if is_foreign || header.cty.is_some() || header.crit.is_some() {
            return Err(JwsFault::Malformed);
        }
        Ok(Self { header, signed, payload, signature: decode(signature)? })
    }

    /// What the token calls the key that signed it.
    pub fn kid(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// Whether the token says what it is.
    pub const fn has_type(&self) -> bool {
        self.header.typ.is_some()
    }

    /// The claims, if one of the keys, and by its name or its kind no other, has signed them.
    pub fn verify<'k>(&self, keys: &'k CoreJsonWebKeySet) -> Result<VerifiedJws<'k>, JwsFault> {
        let algorithm = Value::String(self.header.alg.clone());
        let algorithm: CoreJwsSigningAlgorithm = serde_json::from_value(algorithm).map_err(|_| JwsFault::Malformed)?;
        if !ALLOWED_ALGORITHMS.contains(&algorithm) {
            return Err(JwsFault::Algorithm);
        }
        let key = self.choose_key(keys, &algorithm)?;
        match key.verify_signature(&algorithm, self.signed.as_bytes(), &self.signature) {
            Ok(()) => {}
            Err(SignatureVerificationError::InvalidKey(_)) => return Err(JwsFault::KeyUnknown),
            Err(_) => return Err(JwsFault::Signature),
        }
        let claims = serde_json::from_slice::<OnceEach>(&decode(self.payload)?).map_err(|_| JwsFault::Malformed)?;
        Ok(VerifiedJws { claims: claims.0, algorithm, key })
    }

    fn choose_key<'k>(
        &self,
        keys: &'k CoreJsonWebKeySet,
        algorithm: &CoreJwsSigningAlgorithm,
    ) -> Result<&'k CoreJsonWebKey, JwsFault> {
        let is_named = |key: &&CoreJsonWebKey| match self.kid() {
            Some(kid) => key.key_id().is_some_and(|id| id.as_str() == kid),
            None => true,
        };
        // What is asked here is only whether the key is one for that algorithm.
        let fits = |key: &&CoreJsonWebKey| key.hash_bytes(&[], algorithm).is_ok();
        let mut found = keys.keys().iter().filter(is_named).filter(fits);
        match (found.next(), found.next()) {
            (Some(key), None) => Ok(key),
            _ => Err(JwsFault::KeyUnknown),
        }
    }
}

impl VerifiedJws<'_> {
    /// The left half of the text's hash, by the algorithm of the token (`OpenID` Connect Core 1.0 §3.1.3.6), in base64url.
    pub fn half_hash(&self, text: &str) -> Option<String> {
        let hash = self.key.hash_bytes(text.as_bytes(), &self.algorithm).ok()?;
        hash.get(..hash.len() / 2).map(|half| URL_SAFE_NO_PAD.encode(half))
    }
}

/// Claims of which none comes twice (RFC 7519 §4): others might read the other one.
struct OnceEach(Map<String, Value>);

impl<'de> Deserialize<'de> for OnceEach {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ClaimsVisitor)
    }
}

struct ClaimsVisitor;

impl<'de> Visitor<'de> for ClaimsVisitor {
    type Value = OnceEach;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("claims")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<OnceEach, A::Error> {
        let mut claims = Map::new();
        while let Some((name, value)) = access.next_entry()? {
            if claims.insert(name, value).is_some() {
                return Err(A::Error::custom("a claim comes twice"));
            }
        }
        Ok(OnceEach(claims))
    }
}

/// One spelling only.
fn decode(text: &str) -> Result<Vec<u8>, JwsFault> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| JwsFault::Malformed)
}

fn is_one_of(typ: &str, types: &[&str]) -> bool {
    let typ = typ.to_ascii_lowercase();
    let short = typ.strip_prefix("application/").unwrap_or(&typ);
    types.contains(&short)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: &str, rest: &str) -> String {
        format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header))
    }

    fn parsed(header: &str) -> Result<(), JwsFault> {
        Jws::parse(&token(header, "e30.AA"), &["jwt"]).map(drop)
    }

    #[test]
    fn a_header_that_asks_for_more_is_refused() {
        for good in [
            r#"{"alg":"RS256"}"#,
            r#"{"alg":"RS256","typ":"JWT","kid":"a"}"#,
            r#"{"alg":"RS256","typ":"application/jwt"}"#,
            r#"{"alg":"RS256","jwk":{"kty":"RSA"},"jku":"https://evil.test","x5u":"https://evil.test"}"#,
        ] {
            assert_eq!(parsed(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "{}",
            "[]",
            r#"{"alg":7}"#,
            r#"{"alg":"RS256","alg":"none"}"#,
            r#"{"alg":"RS256","kid":7}"#,
            r#"{"alg":"RS256","typ":"at+jwt"}"#,
            r#"{"alg":"RS256","typ":"logout+jwt"}"#,
            r#"{"alg":"RS256","cty":"JWT"}"#,
            r#"{"alg":"RS256","crit":["exp"]}"#,
            r#"{"alg":"RS256","crit":[],"b64":false}"#,
        ] {
            assert_eq!(parsed(bad), Err(JwsFault::Malformed), "{bad}");
        }
    }

    #[test]
    fn no_claim_comes_twice() {
        let read = |text: &str| serde_json::from_str::<OnceEach>(text).is_ok();
        assert!(read("{}") && read(r#"{"a":1,"b":{"a":2}}"#));
        assert!(!read(r#"{"a":1,"a":1}"#) && !read(r#"{"a":1,"\u0061":2}"#) && !read("[]") && !read("7"));
    }

    #[test]
    fn there_is_one_spelling_of_a_token() {
        let header = r#"{"alg":"RS256"}"#;
        for rest in ["e30.AA", "e30."] {
            assert!(Jws::parse(&token(header, rest), &[]).is_ok(), "{rest}");
        }
        for rest in ["e30", "e30.AA.AA.AA.AA", "e30.AA.AA", "e30.A", "e30.AB", "e30.AA==", "e30.A+/A", "e30.A A"] {
            assert!(Jws::parse(&token(header, rest), &[]).is_err(), "{rest}");
        }
        assert!(Jws::parse(&token(header, &format!("{}.AA", "e".repeat(MAX_LENGTH))), &[]).is_err());
        assert!(Jws::parse("", &[]).is_err());
    }

    #[test]
    fn an_algorithm_that_is_not_on_the_list_is_refused_whatever_the_keys_are() {
        let keys = CoreJsonWebKeySet::new(vec![CoreJsonWebKey::new_symmetric(b"secret".to_vec())]);
        for (algorithm, expected) in ["none", "HS256", "HS384", "HS512", "ES512"]
            .map(|known| (known, JwsFault::Algorithm))
            .into_iter()
            .chain(["None", "NONE", "RS1", "rs256", "RSA-OAEP", ""].map(|odd| (odd, JwsFault::Malformed)))
        {
            let token = token(&format!(r#"{{"alg":"{algorithm}"}}"#), "e30.AA");
            let fault = Jws::parse(&token, &[]).unwrap().verify(&keys).err();
            assert_eq!(fault, Some(expected), "{algorithm}");
        }
        let token = token(r#"{"alg":"RS256"}"#, "e30.AA");
        assert_eq!(Jws::parse(&token, &[]).unwrap().verify(&keys).err(), Some(JwsFault::KeyUnknown));
    }
}
