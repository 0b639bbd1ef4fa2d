//! Minting: a new session and the cookies that carry it.

use std::fmt;

use sealgate_shared::claims::Claims;
use sealgate_shared::cookie::{self, CookieName};
use sealgate_shared::id::{Roles, TenantId};
use sealgate_shared::time::UnixMillis;
use sealgate_shared::token::SealError;

use super::{Office, OfficeError, TenantKeys};
use crate::random;
use crate::session::{Actor, Channel, Session, fingerprint, name_device};

/// How often to sign again when the keys changed in between. Each try that is lost means that a rotation was
/// committed meanwhile, and nobody is to be refused for a burst of them.
const TRIES: u32 = 32;

/// Who is to be signed in, and how.
#[derive(Clone, Debug)]
pub struct MintRequest {
    pub tenant: TenantId,
    pub actor: Actor,
    pub label: Option<String>,
    pub remember: bool,
    pub user_agent: Option<String>,
    /// When the actor proved who it is; now when absent, and never later than now.
    pub authenticated_at: Option<UnixMillis>,
    pub assurance: u8,
    pub roles: Roles,
}

/// A session just made, and what its owner's browser is to be told.
pub struct Minted {
    pub session: Session,
    /// The access token: as secret as a password until it expires.
    pub token: String,
    /// The `Set-Cookie` lines, ready to send.
    pub set_cookie: Vec<String>,
    pub csrf_token: String,
}

impl Office {
    /// Makes a session. One statement reaches the database, unless the keys have just changed, or the actor was just
    /// signed out everywhere.
    pub async fn mint(&self, request: &MintRequest) -> Result<Minted, OfficeError> {
        let mut keys = self.keys_last_seen(&request.tenant).await?;
        let mut earliest = None;
        for _ in 0..TRIES {
            let minted = self.sign(request, &keys, earliest)?;
            if self.store.insert_session(&minted.session).await? {
                return Ok(minted);
            }
            // Something has changed, be it by hand and without a new version.
            keys = self.reload_keys(&request.tenant, keys.version + 1).await?;
            if keys.disabled {
                return Err(OfficeError::TenantDisabled(request.tenant.clone()));
            }
            // Another origin's clock, by which a mark was made, may be ahead of ours.
            earliest = self.store.earliest_issue(&request.tenant, &request.actor).await?;
        }
        Err(OfficeError::KeysInMotion)
    }

    fn sign(
        &self,
        request: &MintRequest,
        keys: &TenantKeys,
        earliest: Option<UnixMillis>,
    ) -> Result<Minted, OfficeError> {
        let now = self.clock.now();
        let session = self.begin_session(request, keys, earliest.map_or(now, |earliest| earliest.max(now)))?;
        let token = keys.sealer.seal(&claims_of(&session)).map_err(|error| match error {
            SealError::TooLong => OfficeError::TokenTooLong,
            SealError::WrongTenant | SealError::TimesOutOfOrder(_) => {
                OfficeError::Broken("claims that cannot be signed")
            }
        })?;
        let csrf_token = keys
            .csrf_token(session.signing_key, session.id)
            .ok_or(OfficeError::Broken("the active key is not in the ring"))?
            .expose();
        // Without remembering, both cookies go when the browser closes.
        let max_age = session.remember.then(|| session.idle_expires_at.since(session.issued_at) / 1_000);
        let set_cookie = vec![
            cookie::set(self.settings.cookies, CookieName::Access, &token, max_age),
            cookie::set(self.settings.cookies, CookieName::Csrf, &csrf_token, max_age),
        ];
        Ok(Minted { session, token, set_cookie, csrf_token })
    }

    fn begin_session(&self, request: &MintRequest, keys: &TenantKeys, now: UnixMillis) -> Result<Session, OfficeError> {
        let ends = self.settings.lifetimes.expiries(now, request.remember);
        let user_agent = request.user_agent.as_deref();
        Ok(Session {
            id: random::draw_session_id()?,
            tenant: request.tenant.clone(),
            actor: request.actor.clone(),
            generation: 0,
            issued_at: now,
            access_expires_at: ends.access,
            signing_key: keys.sealer.key_id(),
            channel: Channel::Cookie,
            idle_expires_at: ends.idle,
            absolute_expires_at: ends.absolute,
            created_at: now,
            last_seen_at: now,
            authenticated_at: request.authenticated_at.unwrap_or(now).min(now),
            remember: request.remember,
            assurance: request.assurance,
            roles: request.roles.clone(),
            fingerprint: user_agent.map(|user_agent| fingerprint(&keys.fingerprint_key, user_agent)),
            device_name: user_agent.and_then(name_device),
            label: request.label.clone(),
            revoked: None,
        })
    }
}

/// What the session's access token says.
pub(super) fn claims_of(session: &Session) -> Claims {
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

impl fmt::Debug for Minted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Minted").field("session", &self.session.id).finish_non_exhaustive()
    }
}
