//! Trying a provider: what works, and what does not, in words for whoever sets it up.

use openidconnect::core::{CoreJsonWebKeySet, CoreResponseType};
use openidconnect::{JsonWebKey as _, JsonWebKeyAlgorithm};

use super::fetch::{fetch_keys, fetch_metadata};
use super::{ALLOWED_ALGORITHMS, DirectoryError, Metadata, ProviderSettings};
use crate::outbound::Outbound;

/// Something that was found out about a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeFinding {
    pub verdict: Verdict,
    /// A stable word for what was looked at.
    pub check: &'static str,
    /// What was found.
    pub message: String,
}

/// What it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Good,
    /// People can sign in; something else is missing.
    Notice,
    /// Nobody can sign in.
    Bad,
}

impl Verdict {
    /// The word in the API and the report.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Notice => "notice",
            Self::Bad => "bad",
        }
    }
}

/// Asks the provider, past everything that is remembered of it. Nobody's password or secret is needed for that, so whether
/// the provider knows the client is not found out.
pub async fn probe(outbound: &Outbound, settings: &ProviderSettings) -> Vec<ProbeFinding> {
    let mut found = Vec::new();
    let metadata = match fetch_metadata(outbound, &settings.issuer).await {
        Ok(metadata) => metadata,
        Err(error) => {
            found.push(bad("discovery", describe(&error)));
            return found;
        }
    };
    found.push(good("discovery", format!("{} describes itself", settings.issuer)));
    match fetch_keys(outbound, &metadata).await {
        Ok(keys) => found.push(judge_keys(&keys)),
        Err(error) => found.push(bad("keys", describe(&error))),
    }
    found.extend([
        judge_algorithms(&metadata),
        judge_flow(&metadata),
        judge_pkce(&metadata),
        judge_scopes(&metadata, settings),
        judge_logout(&metadata),
    ]);
    found
}

fn good(check: &'static str, message: impl Into<String>) -> ProbeFinding {
    ProbeFinding { verdict: Verdict::Good, check, message: message.into() }
}

fn notice(check: &'static str, message: impl Into<String>) -> ProbeFinding {
    ProbeFinding { verdict: Verdict::Notice, check, message: message.into() }
}

fn bad(check: &'static str, message: impl Into<String>) -> ProbeFinding {
    ProbeFinding { verdict: Verdict::Bad, check, message: message.into() }
}

/// The error, and what may be done about it.
fn describe(error: &DirectoryError) -> String {
    match error {
        DirectoryError::Status { status: 404, .. } => {
            format!("{error}: is the issuer written as the provider writes it, with its path?")
        }
        DirectoryError::Status { status: 300..=399, .. } => {
            format!("{error}, which sends us elsewhere: give the issuer as it is there")
        }
        _ => error.to_string(),
    }
}

fn judge_keys(keys: &CoreJsonWebKeySet) -> ProbeFinding {
    let usable = keys.keys().iter().filter(|key| match key.signing_alg() {
        JsonWebKeyAlgorithm::Algorithm(algorithm) => ALLOWED_ALGORITHMS.contains(algorithm),
        JsonWebKeyAlgorithm::Unspecified => true,
        JsonWebKeyAlgorithm::Unsupported => false,
    });
    match usable.count() {
        0 => bad("keys", "there is no key that could verify a signature (RSA from 2,048 bits, P-256, P-384, Ed25519)"),
        1 => good("keys", "there is 1 key"),
        count => good("keys", format!("there are {count} keys")),
    }
}

fn judge_algorithms(metadata: &Metadata) -> ProbeFinding {
    let offered = metadata.id_token_signing_alg_values_supported();
    if offered.iter().any(|algorithm| ALLOWED_ALGORITHMS.contains(algorithm)) {
        good("algorithms", "ID tokens are signed by an algorithm that is accepted")
    } else {
        bad(
            "algorithms",
            "ID tokens are signed by none of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA",
        )
    }
}

fn judge_flow(metadata: &Metadata) -> ProbeFinding {
    let is_code = |types: &Vec<CoreResponseType>| matches!(types.as_slice(), [CoreResponseType::Code]);
    if metadata.response_types_supported().iter().any(|types| is_code(&types.to_vec())) {
        good("flow", "the authorization code flow is there")
    } else {
        bad("flow", "the authorization code flow is not among response_types_supported (code)")
    }
}

fn judge_pkce(metadata: &Metadata) -> ProbeFinding {
    match &metadata.additional_metadata().code_challenge_methods_supported {
        Some(methods) if methods.iter().any(|method| method == "S256") => good("pkce", "PKCE with S256 is there"),
        Some(_) => bad("pkce", "PKCE is there, but not with S256, which is the one we use"),
        None => {
            notice("pkce", "nothing is said of PKCE: a provider that ignores it works, one that refuses it does not")
        }
    }
}

fn judge_scopes(metadata: &Metadata, settings: &ProviderSettings) -> ProbeFinding {
    let Some(offered) = metadata.scopes_supported() else { return good("scopes", "nothing is said of scopes") };
    let missing: Vec<&str> = settings.scopes.iter().map(String::as_str).collect();
    let missing: Vec<&str> =
        missing.into_iter().filter(|scope| !offered.iter().any(|known| known.as_str() == *scope)).collect();
    if missing.is_empty() {
        good("scopes", "the scopes asked for are there")
    } else {
        notice("scopes", format!("not among scopes_supported: {}", missing.join(" ")))
    }
}

fn judge_logout(metadata: &Metadata) -> ProbeFinding {
    let more = metadata.additional_metadata();
    match (more.backchannel_logout_supported, more.backchannel_logout_session_supported) {
        (Some(true), Some(true)) => good("back_channel_logout", "back-channel logout is there, with session ids"),
        (Some(true), _) => good(
            "back_channel_logout",
            "back-channel logout is there; without session ids it ends all of a person's sessions",
        ),
        _ => notice(
            "back_channel_logout",
            "nothing is said of back-channel logout: who signs out at the provider stays signed in here",
        ),
    }
}
