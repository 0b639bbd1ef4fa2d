//! The code for tokens (`OpenID` Connect Core 1.0 §3.1.3).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openidconnect::core::CoreClientAuthMethod;
use openidconnect::http::{HeaderValue, Method, StatusCode, header};
use openidconnect::{HttpRequest, HttpResponse};
use serde::Deserialize;
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use super::{AuthMethod, Failure, Metadata, Provider};
use crate::outbound::{Outbound, OutboundError};

/// What a token endpoint may say is wrong (RFC 6749 §5.2): for the operator's log.
const ERRORS: [&str; 6] = [
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "unauthorized_client",
    "unsupported_grant_type",
];

/// What is shown at the token endpoint.
pub(crate) struct CodeExchange<'a> {
    pub(crate) provider: &'a Provider,
    pub(crate) code: &'a str,
    pub(crate) code_verifier: &'a str,
    /// The same as in the question that the code is the answer to.
    pub(crate) redirect_uri: &'a str,
}

/// What came for the code. None of it is kept.
pub(crate) struct Tokens {
    pub(crate) access_token: Zeroizing<String>,
    pub(crate) id_token: Zeroizing<String>,
}

#[derive(Deserialize)]
struct TokenResponse {
    access_token: String,
    token_type: String,
    id_token: Option<String>,
}

impl CodeExchange<'_> {
    /// Asks for the tokens.
    pub(crate) async fn send(&self, http: &Outbound, metadata: &Metadata) -> Result<Tokens, Failure> {
        let endpoint = metadata.token_endpoint().ok_or(Failure::ProviderMetadata)?.url();
        let request = self.write(endpoint, metadata).ok_or(Failure::ProviderMetadata)?;
        let answer = http.send(request).await.map_err(|error| {
            tracing::warn!(%error, provider = %self.provider.id, "the token endpoint does not answer");
            match error {
                OutboundError::TooLarge => Failure::TokenResponse,
                _ => Failure::ProviderUnreachable,
            }
        })?;
        self.judge(answer.status(), &answer)?;
        read(answer)
    }

    fn write(&self, endpoint: &Url, metadata: &Metadata) -> Option<HttpRequest> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", self.code)
            .append_pair("redirect_uri", self.redirect_uri)
            .append_pair("code_verifier", self.code_verifier);
        let client_id = &self.provider.settings.client_id;
        let mut authorization = None;
        match &self.provider.secret {
            Some(secret) if self.takes_basic(metadata) => {
                authorization = Some(write_basic(client_id, secret.expose())?);
            }
            Some(secret) => {
                form.append_pair("client_id", client_id).append_pair("client_secret", secret.expose());
            }
            None => {
                form.append_pair("client_id", client_id);
            }
        }
        let mut request = HttpRequest::new(form.finish().into_bytes());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = endpoint.as_str().parse().ok()?;
        let headers = request.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(authorization) = authorization {
            headers.insert(header::AUTHORIZATION, authorization);
        }
        Some(request)
    }

    /// Whether the secret goes into the header: so it is unless the client is registered otherwise, or the provider says that
    /// it wants it in the form (`OpenID` Connect Discovery 1.0 §3).
    fn takes_basic(&self, metadata: &Metadata) -> bool {
        if let Some(method) = self.provider.settings.token_endpoint_auth_method {
            return method == AuthMethod::ClientSecretBasic;
        }
        let Some(methods) = metadata.token_endpoint_auth_methods_supported() else { return true };
        methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
            || !methods.contains(&CoreClientAuthMethod::ClientSecretPost)
    }

    fn judge(&self, status: StatusCode, answer: &HttpResponse) -> Result<(), Failure> {
        if status == StatusCode::OK {
            return Ok(());
        }
        let told = read_error(answer.body()).unwrap_or("none that is known");
        let provider = &self.provider.id;
        tracing::warn!(%provider, status = status.as_u16(), error = told, "the token endpoint refuses");
        let is_its_own = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT);
        match status {
            _ if status.is_client_error() && !is_its_own => Err(Failure::CodeRefused),
            _ if status.is_success() => Err(Failure::TokenResponse),
            _ => Err(Failure::ProviderUnreachable),
        }
    }
}

/// RFC 6749 §2.3.1: both are written as in a form before they are joined.
fn write_basic(client_id: &str, secret: &str) -> Option<HeaderValue> {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = Zeroizing::new(format!("{}:{}", encode(client_id), encode(secret)));
    let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair.as_bytes()))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn read(answer: HttpResponse) -> Result<Tokens, Failure> {
    let body = Zeroizing::new(answer.into_body());
    let response: TokenResponse = serde_json::from_slice(&body).map_err(|_| Failure::TokenResponse)?;
    let access_token = Zeroizing::new(response.access_token);
    if access_token.is_empty() || !response.token_type.eq_ignore_ascii_case("bearer") {
        return Err(Failure::TokenResponse);
    }
    let id_token = response.id_token.ok_or(Failure::IdTokenMissing)?;
    Ok(Tokens { access_token, id_token: Zeroizing::new(id_token) })
}

fn read_error(body: &[u8]) -> Option<&'static str> {
    #[derive(Deserialize)]
    struct Refusal {
        error: String,
    }
    let refusal: Refusal = serde_json::from_slice(body).ok()?;
    ERRORS.into_iter().find(|known| *known == refusal.error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_plain_in_a_secret_is_encoded_before_it_is_joined() {
        let value = write_basic("a:b", "c d+é%").unwrap();
        let encoded = value.to_str().unwrap().strip_prefix("Basic ").unwrap();
        assert_eq!(STANDARD.decode(encoded).unwrap(), b"a%3Ab:c+d%2B%C3%A9%25");
        assert!(!format!("{value:?}").contains(encoded), "it does not show");
    }

    #[test]
    fn answers_that_are_none() {
        let answer = |body: &str| read(HttpResponse::new(body.as_bytes().to_vec())).err();
        assert_eq!(answer(r#"{"access_token":"a","token_type":"Bearer","id_token":"i"}"#), None);
        assert_eq!(answer(r#"{"access_token":"a","token_type":"bearer","id_token":"i","expires_in":"x"}"#), None);
        for missing in [
            r#"{"access_token":"a","token_type":"Bearer"}"#,
            r#"{"access_token":"a","token_type":"Bearer","id_token":null}"#,
        ] {
            assert_eq!(answer(missing), Some(Failure::IdTokenMissing), "{missing}");
        }
        for wrong in [
            "",
            "[]",
            "access_token=a&token_type=Bearer&id_token=i",
            r#"{"access_token":"a","token_type":"mac","id_token":"i"}"#,
            r#"{"access_token":"","token_type":"Bearer","id_token":"i"}"#,
            r#"{"token_type":"Bearer","id_token":"i"}"#,
            r#"{"access_token":"a","id_token":"i"}"#,
            r#"{"access_token":"a","token_type":"Bearer","id_token":7}"#,
        ] {
            assert_eq!(answer(wrong), Some(Failure::TokenResponse), "{wrong}");
        }
    }
}
