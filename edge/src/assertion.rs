//! Assertions: what the application checks to know that a request came through us.
//!
//! A JSON Web Token (RFC 7519) under HS256 (RFC 7515, RFC 7518 §3.2) and a secret of the application's own, good for a
//! minute. Headers alone would be believed from whoever reaches the application by another way.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sealgate_shared::claims::Claims;
use sealgate_shared::id::SessionId;
use sealgate_shared::secret::Secret32;
use sealgate_shared::time::UnixMillis;
use sealgate_shared::token::Live;
use serde::Serialize;
use sha2::Sha256;

use crate::answers::Recent;

/// The header that carries the assertion.
pub const HEADER: &str = "x-sealgate-assertion";

/// How long an assertion is good, in seconds.
const LIFETIME_S: u64 = 60;

/// How long, in seconds, the same assertion is sent again: each arrives with half a minute left.
const REUSE_S: u64 = 30;

/// The most assertions that are remembered. One that was pushed out is made again.
const CAPACITY: usize = 4_096;

/// `{"alg":"HS256","typ":"JWT"}`
const JOSE_HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

/// Signs assertions for one application.
pub struct Asserter {
    mac: Hmac<Sha256>,
    audience: String,
}

/// The claims (RFC 7519 §4.1; `sid` as in `OpenID` Connect Front-Channel Logout 1.0 §3; the others are ours).
#[derive(Serialize)]
struct Assertion<'a> {
    iss: &'static str,
    aud: &'a str,
    sub: &'a str,
    sid: SessionId,
    iat: u64,
    exp: u64,
    auth_time: u64,
    tenant: &'a str,
    actor_type: &'a str,
    assurance: u8,
    roles: Vec<&'a str>,
}

impl Asserter {
    /// Under the application's secret, for the audience that it will look for.
    pub fn new(secret: &Secret32, audience: &str) -> Self {
        Self { mac: Hmac::new(&block_of(secret)), audience: audience.to_owned() }
    }

    /// The assertion for a live session. It never outlives the token that it was made on.
    fn sign(&self, claims: &Claims, now: UnixMillis) -> String {
        let iat = now.as_secs();
        let assertion = Assertion {
            iss: "sealgate",
            aud: &self.audience,
            sub: claims.actor_id.as_str(),
            sid: claims.session,
            iat,
            exp: iat.saturating_add(LIFETIME_S).min(claims.expires_at.as_secs()),
            auth_time: claims.authenticated_at.as_secs(),
            tenant: claims.tenant.as_str(),
            actor_type: claims.actor_type.as_str(),
            assurance: claims.assurance,
            roles: claims.roles.iter().map(sealgate_shared::id::Role::as_str).collect(),
        };
        let mut jwt = format!("{JOSE_HEADER}.");
        // Writing texts and numbers to memory does not fail; were it to, an empty payload is believed by nobody.
        URL_SAFE_NO_PAD.encode_string(serde_json::to_vec(&assertion).unwrap_or_default(), &mut jwt);
        let mac = self.mac.clone().chain_update(jwt.as_bytes()).finalize().into_bytes();
        jwt.push('.');
        URL_SAFE_NO_PAD.encode_string(mac, &mut jwt);
        jwt
    }
}

/// RFC 2104 §2: a key shorter than the block is filled up with zeros.
fn block_of(secret: &Secret32) -> hmac::digest::Key<Hmac<Sha256>> {
    let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
    block.iter_mut().zip(secret.expose()).for_each(|(to, from)| *to = *from);
    block
}

impl fmt::Debug for Asserter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asserter").field("audience", &self.audience).finish_non_exhaustive()
    }
}

/// The assertions made of late, by session.
#[derive(Debug)]
pub struct Assertions(Recent<SessionId, Made>);

#[derive(Debug)]
struct Made {
    /// What it says. A refreshed session may say something else.
    claims: Claims,
    at: UnixMillis,
    jwt: String,
}

impl Assertions {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self(Recent::new(CAPACITY))
    }

    /// The assertion for a session: one made a moment ago, or a new one.
    pub fn get(&mut self, asserter: &Asserter, live: &Live, now: UnixMillis) -> &str {
        let claims = live.claims();
        let is_good = |made: &Made| {
            let age_s = now.as_secs().checked_sub(made.at.as_secs());
            made.claims == *claims && age_s.is_some_and(|age_s| age_s < REUSE_S)
        };
        if !self.0.get(&claims.session).is_some_and(is_good) {
            let jwt = asserter.sign(claims, now);
            self.0.insert(claims.session, Made { claims: claims.clone(), at: now, jwt });
        }
        self.0.get(&claims.session).map_or("", |made| &made.jwt)
    }
}

#[cfg(test)]
mod tests;
