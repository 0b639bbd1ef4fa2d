//! The tokens of a session's present generation, and the lines that carry them.
//!
//! They depend on the row and on the key that it names, and on nothing else: neither on a clock nor on randomness nor on
//! a setting that could differ between two origins. So whoever asks twice is given the same bytes twice.

use std::fmt;

use sealgate_shared::claims::Claims;
use sealgate_shared::cookie::{self, CookieName, CookieNames};
use sealgate_shared::refresh::RefreshClaims;
use sealgate_shared::token::SealError;

use crate::office::{OfficeError, TenantKeys};
use crate::session::{Channel, Session};

/// A session, and what its holder is to be told.
pub struct Issued {
    pub session: Session,
    /// As secret as a password until it expires.
    pub access_token: String,
    /// As secret as a password for as long as the session lives.
    pub refresh_token: String,
    pub csrf_token: String,
    /// The `Set-Cookie` lines for access, refresh and CSRF token, in this order; none on the bearer channel.
    pub set_cookie: Vec<String>,
}

impl TenantKeys {
    /// Signs the tokens of a session's present generation.
    pub(in crate::office) fn issue(&self, session: Session, names: CookieNames) -> Result<Issued, OfficeError> {
        let signer = self.signer(session.signing_key);
        let signer = signer.ok_or(OfficeError::Broken("a live session's signing key signs nothing any more"))?;
        let access_token = signer.access(session.channel).seal(&claims_of(&session)).map_err(|error| match error {
            SealError::TooLong => OfficeError::TokenTooLong,
            SealError::WrongTenant | SealError::TimesOutOfOrder(_) => {
                OfficeError::Broken("claims that cannot be signed")
            }
        })?;
        let refresh_token = signer.refresh().seal(&refresh_claims_of(&session));
        let csrf_token = self
            .csrf_token(session.signing_key, session.id)
            .ok_or(OfficeError::Broken("a live session's signing key is not in the ring"))?
            .expose();
        let set_cookie = match session.channel {
            Channel::Cookie => {
                // Without remembering, the cookies go when the browser closes.
                let max_age = session.remember.then(|| session.idle_expires_at.since(session.issued_at) / 1_000);
                let values = [
                    (CookieName::Access, &access_token),
                    (CookieName::Refresh, &refresh_token),
                    (CookieName::Csrf, &csrf_token),
                ];
                values.map(|(name, value)| cookie::set(names, name, value, max_age)).to_vec()
            }
            Channel::Bearer => Vec::new(),
        };
        Ok(Issued { session, access_token, refresh_token, csrf_token, set_cookie })
    }
}

/// What the session's access token says.
pub(in crate::office) fn claims_of(session: &Session) -> Claims {
    Claims {
        session: session.id,
        tenant: session.tenant.clone(),
        actor_type: session.actor.kind.clone(),
        actor_id: session.actor.id.clone(),
        issued_at: session.issued_at,
        expires_at: session.access_expires_at,
        authenticated_at: session.authenticated_at,
        generation: session.generation,
        assurance: session.assurance,
        roles: session.roles.clone(),
    }
}

/// What its refresh token says.
fn refresh_claims_of(session: &Session) -> RefreshClaims {
    RefreshClaims {
        session: session.id,
        generation: session.generation,
        channel: session.channel.into(),
        idle_expires_at: session.idle_expires_at,
    }
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issued").field("session", &self.session.id).finish_non_exhaustive()
    }
}
