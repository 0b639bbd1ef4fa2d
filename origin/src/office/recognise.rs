//! Recognising the person behind a request, by the access token and then by the row.

use sealgate_shared::cookie::{self, CookieName, Selection};
use sealgate_shared::id::{SessionId, TenantId};
use sealgate_shared::reject::Reject;
use sealgate_shared::time::UnixMillis;
use sealgate_shared::token::{Sealed, TokenKind, Verified};

use super::{Office, OfficeError, TenantKeys};
use crate::session::{Channel, Session, Status};

/// What a request shows of a session: one or the other, never both.
#[derive(Clone, Copy)]
pub enum Credentials<'r> {
    /// The `Cookie` header of a browser.
    Cookies(&'r str),
    /// The token behind `Authorization: Bearer` of a native client, whose cookies count for nothing then, also when the
    /// token is no good.
    Bearer(&'r str),
}

/// What the credentials of a request amount to.
#[derive(Debug)]
pub enum Recognition {
    /// A live session.
    Session(Box<Recognised>),
    /// None of ours.
    Missing,
    /// Some of ours, and none that holds.
    Rejected(Reject),
}

/// A session that was recognised.
#[derive(Debug)]
pub struct Recognised {
    pub session: Session,
    /// What forms and scripts of this session's pages send along. Not for native clients: no page can use their tokens.
    pub csrf_token: Option<String>,
}

impl Credentials<'_> {
    /// How a session is held that may be shown in this way.
    pub const fn channel(self) -> Channel {
        match self {
            Self::Cookies(_) => Channel::Cookie,
            Self::Bearer(_) => Channel::Bearer,
        }
    }
}

impl Office {
    /// Finds the session that the credentials stand for. The tenant is the request's; the row has the last word, whatever
    /// a token says.
    pub async fn recognise(&self, tenant: &TenantId, credentials: Credentials<'_>) -> Result<Recognition, OfficeError> {
        let keys = self.keys(tenant).await?;
        let now = self.clock.now();
        let verified = match self.verify(credentials, &keys, tenant, now) {
            Ok(Some(verified)) => verified,
            Ok(None) => return Ok(Recognition::Missing),
            Err(reject) => return Ok(Recognition::Rejected(reject)),
        };
        let claims = verified.claims();
        let session = self.store.session(tenant, claims.session).await?;
        // A leaked edge can sign what it likes; only what the row knows counts.
        let session = session.filter(|row| {
            let actor_fits = row.actor.kind == claims.actor_type && row.actor.id == claims.actor_id;
            actor_fits && row.channel == credentials.channel()
        });
        let Some(session) = session else { return Ok(Recognition::Rejected(Reject::Revoked)) };
        match session.status(now) {
            Status::Revoked => return Ok(Recognition::Rejected(Reject::Revoked)),
            Status::Expired => return Ok(Recognition::Rejected(Reject::Expired)),
            Status::Live => {}
        }
        let csrf_token = match credentials {
            Credentials::Cookies(_) => Some(read_csrf_token(&keys, &session)?),
            Credentials::Bearer(_) => None,
        };
        Ok(Recognition::Session(Box::new(Recognised { session, csrf_token })))
    }

    /// Whether the text is the CSRF token of that session, under whichever key of the tenant.
    pub async fn proves_csrf(&self, tenant: &TenantId, session: SessionId, text: &str) -> Result<bool, OfficeError> {
        Ok(self.keys(tenant).await?.ring.proves_csrf(tenant, session, text))
    }

    /// The access token that holds; `None` when there is nothing of ours.
    fn verify(
        &self,
        credentials: Credentials<'_>,
        keys: &TenantKeys,
        tenant: &TenantId,
        now: UnixMillis,
    ) -> Result<Option<Verified>, Reject> {
        match credentials {
            Credentials::Cookies(cookies) => {
                let values = || cookie::values_of(cookies, self.settings.cookies, CookieName::Access);
                match cookie::select(values(), &keys.ring, tenant, now) {
                    Selection::Verified(verified) => Ok(Some(verified)),
                    Selection::Missing => Ok(None),
                    Selection::Expired(_) => Err(Reject::Expired),
                    Selection::Rejected(reject) => Err(keys.explain(reject, values())),
                }
            }
            Credentials::Bearer(token) => verify_bearer(token, keys, tenant, now)
                .map(Some)
                .map_err(|reject| keys.explain(reject, std::iter::once(token))),
        }
    }
}

fn verify_bearer(token: &str, keys: &TenantKeys, tenant: &TenantId, now: UnixMillis) -> Result<Verified, Reject> {
    let token = Sealed::parse(token)?.authenticate(TokenKind::Bearer, &keys.ring, tenant)?;
    Ok(token.verify(now)?)
}

fn read_csrf_token(keys: &TenantKeys, session: &Session) -> Result<String, OfficeError> {
    let token = keys.csrf_token(session.signing_key, session.id);
    let token = token.ok_or(OfficeError::Broken("a live session's signing key does not verify any more"))?;
    Ok(token.expose())
}
