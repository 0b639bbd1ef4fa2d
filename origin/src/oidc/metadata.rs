//! What a provider says of itself (`OpenID` Connect Discovery 1.0 §3), and its keys (RFC 7517).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
    CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode,
    CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{AdditionalProviderMetadata, ProviderMetadata};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Issuer;

/// A provider's description of itself. `jwks` holds its keys.
pub type Metadata = ProviderMetadata<
    MoreMetadata,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// What other specifications have added.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoreMetadata {
    /// RFC 8414 §2.
    #[serde(default)]
    pub code_challenge_methods_supported: Option<Vec<String>>,
    /// RFC 9207 §3.
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: Option<bool>,
    /// `OpenID` Connect Back-Channel Logout 1.0 §2.1.
    #[serde(default)]
    pub backchannel_logout_supported: Option<bool>,
    #[serde(default)]
    pub backchannel_logout_session_supported: Option<bool>,
}

impl AdditionalProviderMetadata for MoreMetadata {}

/// The most keys that are read.
const MOST_KEYS: usize = 100;
/// The shortest modulus of an RSA key, in bits (RFC 7518 §3.3).
const SHORTEST_RSA: usize = 2_048;

/// Why a document is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadDocument {
    #[error("is no JSON object")]
    NotJson,
    #[error("is not a provider's description: {0}")]
    Form(String),
    #[error("says that its issuer is {told:?}, not {expected:?}; both must be the same, letter by letter")]
    OtherIssuer { told: String, expected: String },
    #[error("names no token endpoint")]
    NoTokenEndpoint,
    #[error("is not a set of keys")]
    NotKeys,
}

/// Reads a description of that issuer.
pub(super) fn read_metadata(body: &[u8], issuer: &Issuer) -> Result<Metadata, BadDocument> {
    let document: Value = serde_json::from_slice(body).map_err(|_| BadDocument::NotJson)?;
    let told = document.as_object().ok_or(BadDocument::NotJson)?.get("issuer").and_then(Value::as_str);
    let told = told.ok_or_else(|| BadDocument::Form("it has no issuer".to_owned()))?;
    if told != issuer.as_str() {
        let told = told.chars().take(Issuer::MAX_LENGTH).collect();
        return Err(BadDocument::OtherIssuer { told, expected: issuer.to_string() });
    }
    let metadata: Metadata = serde_json::from_value(document).map_err(|error| BadDocument::Form(error.to_string()))?;
    if metadata.token_endpoint().is_none() { Err(BadDocument::NoTokenEndpoint) } else { Ok(metadata) }
}

/// Reads the keys that may verify something: public ones, for signatures, long enough. What is none of these is passed over,
/// as a provider may have keys for other ends (RFC 7517 §5).
pub(super) fn read_keys(body: &[u8]) -> Result<CoreJsonWebKeySet, BadDocument> {
    let mut document: Value = serde_json::from_slice(body).map_err(|_| BadDocument::NotJson)?;
    let Some(Value::Array(keys)) = document.get_mut("keys").map(Value::take) else { return Err(BadDocument::NotKeys) };
    let keys = keys.into_iter().filter(is_for_signatures).take(MOST_KEYS);
    Ok(CoreJsonWebKeySet::new(keys.filter_map(|key| serde_json::from_value(key).ok()).collect()))
}

fn is_for_signatures(key: &Value) -> bool {
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    let fits = match text("kty") {
        Some("RSA") => text("n").and_then(|n| URL_SAFE_NO_PAD.decode(n).ok()).is_some_and(|n| is_long(&n)),
        Some("EC" | "OKP") => true,
        // With `oct`, whoever can read the set could sign.
        _ => false,
    };
    let may_verify = |words: &Value| words.as_array().is_some_and(|words| words.iter().any(|word| word == "verify"));
    fits && text("use").is_none_or(|word| word == "sig") && key.get("key_ops").is_none_or(may_verify)
}

fn is_long(modulus: &[u8]) -> bool {
    let significant = modulus.iter().skip_while(|&&byte| byte == 0);
    let first = significant.clone().next().map_or(8, |byte| byte.leading_zeros() as usize);
    (significant.count() * 8).saturating_sub(first) >= SHORTEST_RSA
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Value {
        json!({
            "issuer": "https://login.example",
            "authorization_endpoint": "https://login.example/authorize",
            "token_endpoint": "https://login.example/token",
            "jwks_uri": "https://login.example/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        })
    }

    fn read(document: &Value) -> Result<Metadata, BadDocument> {
        read_metadata(document.to_string().as_bytes(), &"https://login.example".parse().unwrap())
    }

    #[test]
    fn a_description_is_read() {
        let metadata = read(&document()).unwrap();
        let more = metadata.additional_metadata();
        assert_eq!(more.code_challenge_methods_supported.as_deref(), Some(&["S256".to_owned()][..]));
        assert_eq!(more.authorization_response_iss_parameter_supported, None);
    }

    #[test]
    fn one_of_another_issuer_is_not_believed() {
        for told in ["https://login.example/", "https://LOGIN.example", "https://evil.example", ""] {
            let mut document = document();
            document["issuer"] = told.into();
            let expected = "https://login.example".to_owned();
            assert_eq!(read(&document), Err(BadDocument::OtherIssuer { told: told.to_owned(), expected }));
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        let issuer = "https://login.example".parse().unwrap();
        for body in ["", "<html>", "[]", "null"] {
            assert_eq!(read_metadata(body.as_bytes(), &issuer), Err(BadDocument::NotJson), "{body}");
        }
        for missing in ["issuer", "authorization_endpoint", "jwks_uri", "token_endpoint"] {
            let mut document = document();
            document.as_object_mut().unwrap().remove(missing);
            assert!(read(&document).is_err(), "{missing}");
        }
    }

    #[test]
    fn only_keys_that_may_verify_are_taken() {
        let modulus = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let long = modulus(&[0x80; 256]);
        let rsa = |n: &str| json!({ "kty": "RSA", "kid": "a", "n": n, "e": "AQAB" });
        let kids = |keys: Value| {
            let set = read_keys(json!({ "keys": keys }).to_string().as_bytes()).unwrap();
            set.keys().len()
        };
        assert_eq!(kids(json!([rsa(&long)])), 1);
        assert_eq!(kids(json!([rsa(&modulus(&[0x7f; 256]))])), 0, "2,047 bits");
        assert_eq!(kids(json!([rsa(&modulus(&[&[0; 200][..], &[0x80; 128]].concat()))])), 0, "zeros in front");
        let mut other = rsa(&long);
        other["use"] = "enc".into();
        let oct = json!({ "kty": "oct", "k": "c2VjcmV0", "alg": "HS256" });
        assert_eq!(kids(json!([other, oct, { "kty": "new" }, 1, null, rsa(&long)])), 1);
        for (words, taken) in [(json!(["verify"]), 1), (json!(["encrypt"]), 0), (json!([]), 0), (json!("verify"), 0)] {
            let mut key = rsa(&long);
            key["key_ops"] = words;
            assert_eq!(kids(json!([key])), taken);
        }
        assert_eq!(kids(json!(vec![rsa(&long); 200])), MOST_KEYS);
        for body in ["{}", "[]", r#"{"keys":1}"#] {
            assert_eq!(read_keys(body.as_bytes()).unwrap_err(), BadDocument::NotKeys, "{body}");
        }
        assert_eq!(read_keys(b"<html>").unwrap_err(), BadDocument::NotJson);
    }
}
