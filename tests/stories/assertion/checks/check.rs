use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, errors::Error};

/// Who asks.
#[derive(serde::Deserialize)]
pub struct Claims {
    pub tenant: String,
    pub actor_type: String,
    pub sub: String,
    pub sid: String,
    pub roles: Vec<String>,
}

/// `None` unless the text is 32 bytes in base64url.
pub fn read_secret(text: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

/// Fails if the edge does not vouch for who asks: then answer 401.
pub fn who_asks(assertion: &str, secret: &[u8; 32]) -> Result<Claims, Error> {
    let mut expected = Validation::new(Algorithm::HS256);
    expected.set_issuer(&["sealgate"]);
    expected.set_audience(&["demo"]);
    expected.set_required_spec_claims(&["exp", "iss", "aud"]);
    expected.leeway = 5;
    Ok(decode(assertion, &DecodingKey::from_secret(secret), &expected)?.claims)
}
