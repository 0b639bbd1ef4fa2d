//! Recognising the person behind a request's cookies, by the token and then by the row.

use sealgate_shared::cookie::{self, CookieName, MAX_MACS, Selection};
use sealgate_shared::id::{SessionId, TenantId};
use sealgate_shared::reject::Reject;
use sealgate_shared::token::{Sealed, TokenKind};

use super::{Office, OfficeError};
use crate::session::{RevokedReason, Session, Status};
use crate::store::RevokeOutcome;

/// What the cookies of a request amount to.
#[derive(Debug)]
pub enum Recognition {
    /// A live session.
    Session(Box<Recognised>),
    /// No cookie of ours.
    Missing,
    /// Cookies of ours, and none that holds.
    Rejected(Reject),
}

/// A session that was recognised.
#[derive(Debug)]
pub struct Recognised {
    pub session: Session,
    pub csrf_token: String,
}

impl Office {
    /// Finds the session that a `Cookie` header stands for. The tenant is the request's; the row has the
    /// last word, whatever a token says.
    pub async fn recognise(&self, tenant: &TenantId, cookies: &str) -> Result<Recognition, OfficeError> {
        let keys = self.keys(tenant).await?;
        let now = self.clock.now();
        let values = || cookie::values_of(cookies, self.settings.cookies, CookieName::Access);
        let verified = match cookie::select(values(), &keys.ring, tenant, now) {
            Selection::Verified(verified) => verified,
            Selection::Missing => return Ok(Recognition::Missing),
            Selection::Expired(_) => return Ok(Recognition::Rejected(Reject::Expired)),
            Selection::Rejected(reject) => return Ok(Recognition::Rejected(keys.explain(reject, values()))),
        };
        let claims = verified.claims();
        let session = self.store.session(tenant, claims.session).await?;
        // A leaked edge can sign what it likes; only what the row knows counts.
        let session = session.filter(|row| row.actor.kind == claims.actor_type && row.actor.id == claims.actor_id);
        let Some(session) = session else { return Ok(Recognition::Rejected(Reject::Revoked)) };
        match session.status(now) {
            Status::Revoked => return Ok(Recognition::Rejected(Reject::Revoked)),
            Status::Expired => return Ok(Recognition::Rejected(Reject::Expired)),
            Status::Live => {}
        }
        let csrf_token = keys
            .csrf_token(session.signing_key, session.id)
            .ok_or(OfficeError::Broken("a live session's signing key does not verify any more"))?
            .expose();
        Ok(Recognition::Session(Box::new(Recognised { session, csrf_token })))
    }

    /// Ends every session that the cookies prove, also by tokens that have expired: someone who signs out
    /// wants out, however many cookies of ours got into the browser. Whether there was any.
    pub async fn sign_out(&self, tenant: &TenantId, cookies: &str) -> Result<bool, OfficeError> {
        let mut signed_out = false;
        for session in self.proven_sessions(tenant, cookies).await? {
            let outcome = self.revoke_session(tenant, session, RevokedReason::SignOut).await?;
            signed_out |= !matches!(outcome, RevokeOutcome::NotFound);
        }
        Ok(signed_out)
    }

    async fn proven_sessions(&self, tenant: &TenantId, cookies: &str) -> Result<Vec<SessionId>, OfficeError> {
        let keys = self.keys(tenant).await?;
        let mut sessions: Vec<SessionId> = cookie::values_of(cookies, self.settings.cookies, CookieName::Access)
            .filter_map(|value| Sealed::parse(value).ok())
            .filter(|sealed| keys.archive.check_key(sealed.kid()).is_ok())
            .take(MAX_MACS)
            .filter_map(|sealed| sealed.authenticate(TokenKind::Access, &keys.archive, tenant).ok())
            .map(|token| token.claims().session)
            .collect();
        sessions.sort();
        sessions.dedup();
        Ok(sessions)
    }
}
