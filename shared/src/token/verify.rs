//! The chain of checks: [`Sealed`] → [`Authentic`] → [`Verified`] → [`Live`].
//!
//! Each type can only be made by the check before it, so a caller that holds one knows what was checked,
//! and cannot leave a step out.

use super::{CLOCK_LEEWAY_MS, MAX_LENGTH, VERSION};
use crate::base64url;
use crate::claims::Claims;
use crate::id::{KeyId, SessionId, TenantId};
use crate::keyring::Keyring;
use crate::reject::Reject;
use crate::time::UnixMillis;

/// Which kind of token is expected where this one was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// An access token in a cookie.
    Access,
    /// An access token in `Authorization: Bearer`.
    Bearer,
}

/// Text of the form `v1.<kid>.<claims>.<mac>`, about which nothing else is known yet.
#[derive(Clone, Copy)]
pub struct Sealed<'t> {
    /// What the MAC is taken over: everything before the last dot.
    signed: &'t str,
    kid: KeyId,
    claims: &'t str,
    mac: [u8; 32],
}

impl<'t> Sealed<'t> {
    /// Checks the length, splits the text and checks the version. The claims stay unread.
    pub fn parse(token: &'t str) -> Result<Self, Reject> {
        if token.len() > MAX_LENGTH {
            return Err(Reject::TooLong);
        }
        let (signed, mac) = token.rsplit_once('.').ok_or(Reject::Malformed)?;
        let mut parts = signed.split('.');
        let (Some(version), Some(kid), Some(claims), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Reject::Malformed);
        };
        if version != VERSION {
            return Err(Reject::UnknownVersion);
        }
        let kid = KeyId::from_kid(kid).ok_or(Reject::Malformed)?;
        let mac = base64url::decode_exact(mac).ok_or(Reject::Malformed)?;
        Ok(Self { signed, kid, claims, mac })
    }

    /// The id of the key the token says it was signed with. Nobody vouches for it yet.
    pub const fn kid(&self) -> KeyId {
        self.kid
    }

    /// Checks, in this order: the key is known, and neither revoked nor long retired; the MAC holds (constant
    /// time), the claims are canonical, the tenant is the request's, the lifetime is not longer than the ring allows.
    ///
    /// [`Reject::Expired`] from here means that the key was retired so long ago that no token of it can be alive. No
    /// MAC was computed then: nothing is known about who made the token, and so there is no [`Authentic`] of it.
    ///
    /// `tenant` is the tenant of the request, from the host name; it is never taken from the token.
    pub fn authenticate(&self, kind: TokenKind, ring: &Keyring, tenant: &TenantId) -> Result<Authentic, Reject> {
        let key = ring.find(self.kid).ok_or(Reject::UnknownKid)?;
        if !key.mac(kind)?.verify(self.signed.as_bytes(), &self.mac) {
            return Err(Reject::BadMac);
        }
        let bytes = base64url::decode(self.claims).ok_or(Reject::BadClaims)?;
        let claims = Claims::from_bytes(&bytes).ok_or(Reject::BadClaims)?;
        // The key's tenant as well: whoever holds one tenant's key must not speak for another.
        if claims.tenant != *tenant || key.tenant() != tenant {
            return Err(Reject::WrongTenant);
        }
        if claims.expires_at.since(claims.issued_at) > ring.max_lifetime_ms() {
            return Err(Reject::LifetimeTooLong);
        }
        Ok(Authentic { claims, kid: self.kid })
    }
}

/// A token that the origin made for this tenant, at whatever time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authentic {
    claims: Claims,
    kid: KeyId,
}

impl Authentic {
    /// What the token says.
    pub const fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The id of the key that signed it.
    pub const fn kid(&self) -> KeyId {
        self.kid
    }

    /// Checks that the token was not issued in the future (by more than [`CLOCK_LEEWAY_MS`]) and has not
    /// expired. `now` is the verifier's own clock.
    pub fn verify(self, now: UnixMillis) -> Result<Verified, NotNow> {
        if self.claims.issued_at.since(now) > CLOCK_LEEWAY_MS {
            Err(NotNow { token: self, reject: Reject::IssuedInFuture })
        } else if now >= self.claims.expires_at {
            Err(NotNow { token: self, reject: Reject::Expired })
        } else {
            Ok(Verified { token: self })
        }
    }
}

/// A token that is the origin's, but not good at this moment. An expired one may still say whom to sign out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotNow {
    /// The token.
    pub token: Authentic,
    /// [`Reject::IssuedInFuture`] or [`Reject::Expired`].
    pub reject: Reject,
}

impl From<NotNow> for Reject {
    fn from(not_now: NotNow) -> Self {
        not_now.reject
    }
}

/// A token that is good now, unless its session was revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    token: Authentic,
}

impl Verified {
    /// What the token says.
    pub const fn claims(&self) -> &Claims {
        &self.token.claims
    }

    /// The id of the key that signed it.
    pub const fn kid(&self) -> KeyId {
        self.token.kid
    }

    /// Turns the token into a live one by an answer about its session. An answer about another session is
    /// a mistake of the caller's, and counts as a revocation.
    pub fn admit(self, answer: RevocationAnswer) -> Result<Live, Reject> {
        match answer {
            RevocationAnswer::Live { session, age_ms } if session == self.claims().session => {
                Ok(Live { token: self.token, age_ms: Some(age_ms) })
            }
            RevocationAnswer::NotAsked => Ok(Live { token: self.token, age_ms: None }),
            RevocationAnswer::Live { .. } | RevocationAnswer::Revoked => Err(Reject::Revoked),
        }
    }
}

/// What is known about the revocation of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevocationAnswer {
    /// The session was not revoked when the question was asked.
    Live {
        /// The session asked about.
        session: SessionId,
        /// How old that knowledge is, in milliseconds.
        age_ms: u64,
    },
    /// The session was revoked, or does not exist.
    Revoked,
    /// Whoever set the policy does not want to know.
    NotAsked,
}

/// A token that is good now and whose session was not revoked: the only thing a request is let through on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    token: Authentic,
    age_ms: Option<u64>,
}

impl Live {
    /// What the token says.
    pub const fn claims(&self) -> &Claims {
        &self.token.claims
    }

    /// The age of the revocation answer in milliseconds; `None` when nobody asked.
    pub const fn age_ms(&self) -> Option<u64> {
        self.age_ms
    }
}
