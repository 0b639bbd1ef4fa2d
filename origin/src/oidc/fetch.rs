//! Fetching what a provider says of itself, and its keys.

use std::sync::Arc;

use openidconnect::core::CoreJsonWebKeySet;
use openidconnect::{HttpRequest, HttpResponse, TokenUrl, UserInfoUrl};
use url::Url;

use super::metadata::{BadDocument, read_keys, read_metadata};
use super::{Issuer, Metadata};
use crate::outbound::{Outbound, OutboundError};

/// Why a provider is not known.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DirectoryError {
    #[error("{url} cannot be read: {cause}")]
    Unreachable { url: Url, cause: Arc<OutboundError> },
    #[error("{url} answers with the status {status}")]
    Status { url: Url, status: u16 },
    #[error("{url} {cause}")]
    Document { url: Url, cause: BadDocument },
    #[error("{url} names {name} that is not used: {cause}")]
    /// `name` comes with its article.
    Endpoint { url: Url, name: &'static str, cause: Arc<OutboundError> },
    #[error("asking was given up")]
    GivenUp,
}

impl DirectoryError {
    /// A stable word for each.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Unreachable { cause, .. } => cause.label(),
            Self::Status { .. } => "status",
            Self::Document { cause: BadDocument::OtherIssuer { .. }, .. } => "other_issuer",
            Self::Document { .. } => "document",
            Self::Endpoint { .. } => "endpoint",
            Self::GivenUp => "given_up",
        }
    }
}

/// Reads the issuer's description of itself (`OpenID` Connect Discovery 1.0 §4).
pub(super) async fn fetch_metadata(outbound: &Outbound, issuer: &Issuer) -> Result<Metadata, DirectoryError> {
    let url = issuer.discovery_url();
    let answer = get(outbound, &url).await?;
    let metadata =
        read_metadata(answer.body(), issuer).map_err(|cause| DirectoryError::Document { url: url.clone(), cause })?;
    for (name, endpoint) in [
        ("an authorization_endpoint", Some(metadata.authorization_endpoint().url())),
        ("a token_endpoint", metadata.token_endpoint().map(TokenUrl::url)),
        ("a userinfo_endpoint", metadata.userinfo_endpoint().map(UserInfoUrl::url)),
        ("a jwks_uri", Some(metadata.jwks_uri().url())),
    ] {
        if let Some(Err(cause)) = endpoint.map(|endpoint| outbound.check_url(endpoint)) {
            return Err(DirectoryError::Endpoint { url, name, cause: cause.into() });
        }
    }
    Ok(metadata)
}

/// Reads the keys of a provider.
pub(super) async fn fetch_keys(outbound: &Outbound, metadata: &Metadata) -> Result<CoreJsonWebKeySet, DirectoryError> {
    let url = metadata.jwks_uri().url();
    let answer = get(outbound, url).await?;
    read_keys(answer.body()).map_err(|cause| DirectoryError::Document { url: url.clone(), cause })
}

async fn get(outbound: &Outbound, url: &Url) -> Result<HttpResponse, DirectoryError> {
    let unreachable = |cause: OutboundError| DirectoryError::Unreachable { url: url.clone(), cause: cause.into() };
    let mut request = HttpRequest::new(Vec::new());
    *request.uri_mut() = url.as_str().parse().map_err(|_| unreachable(OutboundError::Url))?;
    let accept = axum::http::HeaderValue::from_static("application/json");
    request.headers_mut().insert(axum::http::header::ACCEPT, accept);
    let answer = outbound.send(request).await.map_err(unreachable)?;
    match answer.status().as_u16() {
        200 => Ok(answer),
        status => Err(DirectoryError::Status { url: url.clone(), status }),
    }
}
