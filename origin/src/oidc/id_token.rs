//! What an ID token has to say before anybody is signed in by it (`OpenID` Connect Core 1.0 §3.1.3.7).

use sealgate_shared::time::UnixMillis;
use serde::Deserialize;
use serde_json::{Map, Value};
use subtle::ConstantTimeEq as _;

use super::claims::{Audience, LEEWAY_MS, Name, NumericDate};
use super::jws::{Jws, JwsFault, VerifiedJws};
use super::{Failure, ProviderSettings};

/// How long ago an ID token may have been issued at most: as long as a sign-in may take.
const MAX_AGE_MS: u64 = 600_000;

/// The types that ID tokens go by, if they say one.
pub(crate) const TYPES: &[&str] = &["jwt", "jose"];

/// What an ID token is compared with.
pub(crate) struct Expected<'a> {
    pub(crate) settings: &'a ProviderSettings,
    /// The token that came with it.
    pub(crate) access_token: &'a str,
    pub(crate) nonce: &'a str,
    /// How long before the sign-in began the person may have proved who they are, if somebody wants to know, in seconds.
    pub(crate) max_age_s: Option<u64>,
    pub(crate) began_at: UnixMillis,
    pub(crate) now: UnixMillis,
}

/// An ID token that has said it all.
pub(crate) struct IdToken {
    pub(crate) claims: Map<String, Value>,
    pub(crate) subject: String,
    /// What the provider calls its session.
    pub(crate) sid: Option<String>,
    pub(crate) issued_at: UnixMillis,
    /// When the person proved who they are, if the provider tells.
    pub(crate) authenticated_at: Option<UnixMillis>,
}

/// The claims that are looked at. One of another type than it has to be is no ID token.
#[derive(Deserialize)]
struct Said {
    iss: Option<String>,
    aud: Option<Audience>,
    azp: Option<String>,
    at_hash: Option<String>,
    exp: NumericDate,
    iat: NumericDate,
    nonce: Option<String>,
    auth_time: Option<NumericDate>,
    sub: Option<String>,
    sid: Option<Name>,
}

impl IdToken {
    /// Checks a token whose signature holds, one claim after the other.
    pub(crate) fn check(token: VerifiedJws<'_>, expected: &Expected<'_>) -> Result<Self, Failure> {
        let said = Said::deserialize(&token.claims).map_err(|_| Failure::IdTokenMalformed)?;
        let settings = expected.settings;
        require(said.iss.as_deref() == Some(settings.issuer.as_str()), Failure::Issuer)?;
        let audience = said.aud.filter(|audience| audience.is(settings)).ok_or(Failure::Audience)?;
        let is_ours = said.azp.map_or(!audience.is_shared(settings), |party| party == settings.client_id);
        require(is_ours, Failure::AuthorizedParty)?;
        let hash = token.half_hash(expected.access_token);
        require(said.at_hash.is_none_or(|said| hash == Some(said)), Failure::AccessTokenHash)?;
        require(expected.now < said.exp.0.plus(LEEWAY_MS), Failure::Expired)?;
        let issued_at = said.iat.0;
        let is_recent = expected.now.since(issued_at) <= MAX_AGE_MS + LEEWAY_MS;
        require(is_recent && issued_at.since(expected.now) <= LEEWAY_MS, Failure::IssuedAt)?;
        let nonce = said.nonce.ok_or(Failure::Nonce)?;
        require(nonce.as_bytes().ct_eq(expected.nonce.as_bytes()).into(), Failure::Nonce)?;
        let authenticated_at = said.auth_time.map(|at| at.0);
        check_auth_time(authenticated_at, expected)?;
        let Name(subject) = said.sub.and_then(|subject| subject.try_into().ok()).ok_or(Failure::Subject)?;
        Ok(Self { subject, sid: said.sid.map(|sid| sid.0), issued_at, authenticated_at, claims: token.claims })
    }
}

/// When the person proved who they are. Compared with when the sign-in began: however long somebody takes for a password, they
/// did it in time.
fn check_auth_time(at: Option<UnixMillis>, expected: &Expected<'_>) -> Result<(), Failure> {
    require(at.is_none_or(|at| at.since(expected.now) <= LEEWAY_MS), Failure::AuthTime)?;
    let Some(max_age_s) = expected.max_age_s else { return Ok(()) };
    let age_ms = expected.began_at.since(at.ok_or(Failure::AuthTime)?);
    require(age_ms <= max_age_s.saturating_mul(1_000).saturating_add(LEEWAY_MS), Failure::AuthTime)
}

fn require(holds: bool, failure: Failure) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(failure) }
}

/// Takes an ID token apart.
pub(crate) fn parse(text: &str) -> Result<Jws<'_>, Failure> {
    Ok(Jws::parse(text, TYPES)?)
}

impl From<JwsFault> for Failure {
    fn from(fault: JwsFault) -> Self {
        match fault {
            JwsFault::Malformed => Self::IdTokenMalformed,
            JwsFault::Algorithm => Self::Algorithm,
            JwsFault::KeyUnknown => Self::KeyUnknown,
            JwsFault::Signature => Self::Signature,
        }
    }
}
