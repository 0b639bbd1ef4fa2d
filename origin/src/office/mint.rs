//! Minting: a new session and the tokens that carry it.

use std::net::IpAddr;

use sealgate_shared::id::{Roles, SessionId, TenantId};
use sealgate_shared::time::UnixMillis;

use super::{Issued, Office, OfficeError, TenantKeys};
use crate::random;
use crate::session::{Actor, Channel, IdpLink, Method, RevokedReason, Session, Status, fingerprint, name_device};
use crate::store::{Acquaintance, OidcInsert, OidcSignIn};

/// How often to sign again when the keys changed in between. Each try that is lost means that a rotation was
/// committed meanwhile, and nobody is to be refused for a burst of them.
const TRIES: u32 = 32;

/// Who is to be signed in, and how.
#[derive(Clone, Debug)]
pub struct MintRequest {
    pub tenant: TenantId,
    pub actor: Actor,
    /// How the actor proved who they are, as far as we know.
    pub method: Method,
    /// The provider's session, where there is one.
    pub idp: Option<IdpLink>,
    pub label: Option<String>,
    pub remember: bool,
    /// How the session is going to be held.
    pub channel: Channel,
    pub user_agent: Option<String>,
    /// Where the sign-in came from. Kept only if the operator asked for it, as is the user agent itself.
    pub ip: Option<IpAddr>,
    /// When the actor proved who it is; now when absent, and never later than now.
    pub authenticated_at: Option<UnixMillis>,
    /// What is known of the actor when absent, and else 0.
    pub assurance: Option<u8>,
    /// Likewise, and else none.
    pub roles: Option<Roles>,
    /// A live session of the same actor, which ends as soon as the new one is there.
    pub replaces: Option<SessionId>,
}

impl MintRequest {
    /// The plainest session of somebody: in cookies that go with the browser, and nothing else known.
    pub fn new(tenant: TenantId, actor: Actor, method: Method) -> Self {
        Self {
            tenant,
            actor,
            method,
            idp: None,
            label: None,
            remember: false,
            channel: Channel::Cookie,
            user_agent: None,
            ip: None,
            authenticated_at: None,
            assurance: None,
            roles: None,
            replaces: None,
        }
    }
}

/// What came of making a session for somebody a provider vouches for.
#[derive(Debug)]
pub(crate) enum Minting {
    Made(Box<Issued>),
    /// The provider has ended what the session would be founded on.
    LoggedOut,
    /// Nobody signs in by the provider any more.
    ProviderGone,
}

impl Office {
    /// Makes a session, and ends the one that it takes the place of.
    pub async fn mint(&self, request: &MintRequest) -> Result<Issued, OfficeError> {
        match self.mint_as(request, None).await? {
            Minting::Made(issued) => Ok(*issued),
            Minting::LoggedOut | Minting::ProviderGone => Err(OfficeError::Broken("no provider has a say in it")),
        }
    }

    /// As [`Self::mint`], for somebody who came from a provider; what is to be replaced may have ended meanwhile.
    pub(crate) async fn mint_by_oidc(
        &self,
        request: &MintRequest,
        sign_in: &OidcSignIn<'_>,
    ) -> Result<Minting, OfficeError> {
        match self.mint_as(request, Some(sign_in)).await {
            Err(OfficeError::ReplacesMismatch(_)) => {
                self.mint_as(&MintRequest { replaces: None, ..request.clone() }, Some(sign_in)).await
            }
            minting => minting,
        }
    }

    async fn mint_as(&self, request: &MintRequest, sign_in: Option<&OidcSignIn<'_>>) -> Result<Minting, OfficeError> {
        if let Some(replaced) = request.replaces {
            self.require_replaceable(request, replaced).await?;
        }
        let (minted, known) = match self.mint_anew(request, sign_in).await? {
            Ok(made) => made,
            Err(refused) => return Ok(refused),
        };
        if let Some(replaced) = request.replaces {
            // Last: whoever is left without the new session still has the old one.
            self.revoke_session(&request.tenant, replaced, RevokedReason::Rotation).await?;
        }
        if let Err(error) = self.end_surplus(&minted.session, &known).await {
            // The session is made, and the next one asks again.
            tracing::warn!(%error, "could not end the sessions that an actor has too many of");
        }
        Ok(Minting::Made(minted.into()))
    }

    async fn require_replaceable(&self, request: &MintRequest, replaced: SessionId) -> Result<(), OfficeError> {
        let found = self.store.session(&request.tenant, replaced).await?;
        let live = found.filter(|found| found.actor == request.actor && found.status(self.clock.now()) == Status::Live);
        live.map(drop).ok_or(OfficeError::ReplacesMismatch(replaced))
    }

    /// Makes a session: one question to the database and one statement, unless the keys have just changed, or the actor was just
    /// signed out everywhere.
    async fn mint_anew(
        &self,
        request: &MintRequest,
        sign_in: Option<&OidcSignIn<'_>>,
    ) -> Result<Result<(Issued, Acquaintance), Minting>, OfficeError> {
        let mut keys = self.keys_last_seen(&request.tenant).await?;
        let mut earliest = None;
        for _ in 0..TRIES {
            // Asked again each time: what refused the last one may have been a mark for a change of it.
            let known = self.get_acquainted(request).await?;
            let minted = self.sign(request, &keys, earliest, &known)?;
            match self.store_minted(&minted.session, sign_in).await? {
                OidcInsert::Stored => return Ok(Ok((minted, known))),
                OidcInsert::KeysChanged => {}
                OidcInsert::LoggedOut => return Ok(Err(Minting::LoggedOut)),
                OidcInsert::ProviderGone => return Ok(Err(Minting::ProviderGone)),
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

    async fn store_minted(
        &self,
        session: &Session,
        sign_in: Option<&OidcSignIn<'_>>,
    ) -> Result<OidcInsert, OfficeError> {
        if let Some(sign_in) = sign_in {
            return Ok(self.store.insert_oidc_session(session, sign_in).await?);
        }
        let stored = self.store.insert_session(session).await?;
        Ok(if stored { OidcInsert::Stored } else { OidcInsert::KeysChanged })
    }

    fn sign(
        &self,
        request: &MintRequest,
        keys: &TenantKeys,
        earliest: Option<UnixMillis>,
        known: &Acquaintance,
    ) -> Result<Issued, OfficeError> {
        let now = self.clock.now();
        let session = self.begin_session(request, keys, earliest.map_or(now, |earliest| earliest.max(now)), known)?;
        keys.issue(session, self.settings.cookies)
    }

    fn begin_session(
        &self,
        request: &MintRequest,
        keys: &TenantKeys,
        now: UnixMillis,
        known: &Acquaintance,
    ) -> Result<Session, OfficeError> {
        let id = random::draw_session_id()?;
        let ends = self.settings.lifetimes.expiries(now, request.remember, id);
        let user_agent = request.user_agent.as_deref();
        Ok(Session {
            id,
            tenant: request.tenant.clone(),
            actor: request.actor.clone(),
            generation: 0,
            previous_generation: None,
            issued_at: now,
            access_expires_at: ends.access,
            signing_key: keys.active,
            previous_signing_key: None,
            presented: false,
            answered_late_at: None,
            channel: request.channel,
            method: Some(request.method),
            idp: request.idp.clone(),
            idle_expires_at: ends.idle,
            absolute_expires_at: ends.absolute,
            created_at: now,
            last_seen_at: now,
            authenticated_at: request.authenticated_at.unwrap_or(now).min(now),
            remember: request.remember,
            assurance: known.assurance(request.assurance),
            roles: known.roles(request.roles.as_ref()),
            fingerprint: user_agent.map(|user_agent| fingerprint(&keys.fingerprint_key, user_agent)),
            device_name: user_agent.and_then(name_device),
            label: request.label.clone(),
            ip: self.settings.keep.address(request.ip),
            user_agent: self.settings.keep.browser(user_agent),
            revoked: None,
        })
    }
}
