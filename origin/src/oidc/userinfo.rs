//! What the provider says about the person, where the ID token does not say it (`OpenID` Connect Core 1.0 §5.3).

use openidconnect::HttpRequest;
use openidconnect::http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{Failure, Metadata};
use crate::outbound::{Outbound, OutboundError};

/// Asks; `None` when the provider has no such place. What is said about anybody but `subject` counts for nothing (§5.3.2).
pub(crate) async fn ask(
    http: &Outbound,
    metadata: &Metadata,
    access_token: &str,
    subject: &str,
) -> Result<Option<Map<String, Value>>, Failure> {
    let Some(endpoint) = metadata.userinfo_endpoint() else { return Ok(None) };
    let mut request = HttpRequest::new(Vec::new());
    *request.uri_mut() = endpoint.url().as_str().parse().map_err(|_| Failure::ProviderMetadata)?;
    let bearer = Zeroizing::new(format!("Bearer {access_token}"));
    let mut bearer = HeaderValue::try_from(bearer.as_str()).map_err(|_| Failure::TokenResponse)?;
    bearer.set_sensitive(true);
    request.headers_mut().insert(header::AUTHORIZATION, bearer);
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let answer = http.send(request).await.map_err(|error| {
        tracing::warn!(%error, "the provider's userinfo endpoint does not answer");
        match error {
            OutboundError::TooLarge => Failure::Userinfo,
            _ => Failure::ProviderUnreachable,
        }
    })?;
    match answer.status() {
        StatusCode::OK => {}
        status if status.is_server_error() => return Err(Failure::ProviderUnreachable),
        _ => return Err(Failure::Userinfo),
    }
    let claims: Map<String, Value> = serde_json::from_slice(answer.body()).map_err(|_| Failure::Userinfo)?;
    match claims.get("sub") {
        Some(Value::String(about)) if about == subject => Ok(Some(claims)),
        _ => Err(Failure::UserinfoSubject),
    }
}
