//! The question that the browser takes to the provider (`OpenID` Connect Core 1.0 §3.1.2.1, RFC 7636).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::CoreResponseMode;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{Failure, Metadata, ProviderSettings};

/// Who is to sign in, and how it is known again.
pub(crate) struct AuthorizationRequest<'a> {
    pub(crate) settings: &'a ProviderSettings,
    pub(crate) redirect_uri: &'a str,
    pub(crate) state: &'a str,
    pub(crate) nonce: &'a str,
    /// The secret whose hash goes along, and which the token endpoint is shown.
    pub(crate) code_verifier: &'a str,
    /// How long ago the person may have proved who they are, in seconds. It is always said, because an answer then tells when
    /// it was.
    pub(crate) max_age_s: u64,
}

impl AuthorizationRequest<'_> {
    /// Where to send the browser.
    pub(crate) fn url(&self, metadata: &Metadata) -> Result<Url, Failure> {
        let mut url = metadata.authorization_endpoint().url().clone();
        // A browser is sent there, and would run a script as well.
        if !matches!(url.scheme(), "https" | "http") {
            return Err(Failure::ProviderMetadata);
        }
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(self.code_verifier));
        let (scopes, max_age) = (self.settings.scopes.join(" "), self.max_age_s.to_string());
        let mut query = url.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", self.redirect_uri)
            .append_pair("scope", &scopes)
            .append_pair("state", self.state)
            .append_pair("nonce", self.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256")
            .append_pair("max_age", &max_age);
        if self.max_age_s == 0 {
            query.append_pair("prompt", "login");
        }
        // It is what providers do anyway; not all of them know the parameter.
        if metadata.response_modes_supported().is_some_and(|modes| modes.contains(&CoreResponseMode::Query)) {
            query.append_pair("response_mode", "query");
        }
        drop(query);
        Ok(url)
    }
}
