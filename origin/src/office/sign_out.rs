//! Signing out: by whatever proves a session to be the caller's, however old it is.

use sealgate_shared::cookie::{self, CookieName, MAX_MACS};
use sealgate_shared::id::{SessionId, TenantId};
use sealgate_shared::refresh::{self, SealedRefresh};
use sealgate_shared::time::UnixMillis;
use sealgate_shared::token::{Sealed, TokenKind};

use super::{Credentials, Office, OfficeError, TenantKeys};
use crate::session::{RevokedReason, Session, Status};
use crate::store::RevokeOutcome;

impl Office {
    /// Every session that the credentials prove, also by tokens that have expired: someone who signs out wants out, however
    /// many cookies of ours got into the browser. A refresh token will do where the access token is gone.
    pub async fn proven_sessions(
        &self,
        tenant: &TenantId,
        credentials: Credentials<'_>,
    ) -> Result<Vec<SessionId>, OfficeError> {
        let keys = self.keys(tenant).await?;
        let mut sessions: Vec<SessionId> = match credentials {
            Credentials::Cookies(cookies) => {
                let values = |name| cookie::values_of(cookies, self.settings.cookies, name);
                let access = prove_access(values(CookieName::Access), TokenKind::Access, &keys, tenant);
                access.chain(prove_refresh(values(CookieName::Refresh), &keys, tenant)).collect()
            }
            Credentials::Bearer(token) => {
                prove_access(std::iter::once(token), TokenKind::Bearer, &keys, tenant).collect()
            }
        };
        sessions.sort();
        sessions.dedup();
        Ok(sessions)
    }

    /// Those of [`Self::proven_sessions`] that live.
    pub(super) async fn held_sessions(
        &self,
        tenant: &TenantId,
        credentials: Credentials<'_>,
    ) -> Result<Vec<Session>, OfficeError> {
        let now = self.clock.now();
        let mut held = Vec::new();
        for id in self.proven_sessions(tenant, credentials).await? {
            let found = self.store.session(tenant, id).await?;
            held.extend(found.filter(|session| session.status(now) == Status::Live));
        }
        Ok(held)
    }

    /// The one live session that the credentials prove; `None` also when there are two.
    pub async fn held_session(
        &self,
        tenant: &TenantId,
        credentials: Credentials<'_>,
    ) -> Result<Option<Session>, OfficeError> {
        let mut held = self.held_sessions(tenant, credentials).await?;
        Ok(if held.len() == 1 { held.pop() } else { None })
    }

    /// Ends these sessions for their owner. Whether there was any.
    pub async fn sign_out(&self, tenant: &TenantId, sessions: &[SessionId]) -> Result<bool, OfficeError> {
        let mut signed_out = false;
        for session in sessions {
            let outcome = self.revoke_session(tenant, *session, RevokedReason::SignOut).await?;
            signed_out |= !matches!(outcome, RevokeOutcome::NotFound);
        }
        Ok(signed_out)
    }
}

fn prove_access<'t>(
    tokens: impl Iterator<Item = &'t str>,
    kind: TokenKind,
    keys: &TenantKeys,
    tenant: &TenantId,
) -> impl Iterator<Item = SessionId> {
    tokens
        .filter_map(|token| Sealed::parse(token).ok())
        .filter(|sealed| keys.archive.check_key(sealed.kid()).is_ok())
        .take(MAX_MACS)
        .filter_map(move |sealed| sealed.authenticate(kind, &keys.archive, tenant).ok())
        .map(|token| token.claims().session)
}

/// Both MACs: an edge that leaked could make the outer one.
fn prove_refresh<'t>(
    tokens: impl Iterator<Item = &'t str>,
    keys: &TenantKeys,
    tenant: &TenantId,
) -> impl Iterator<Item = SessionId> {
    // None has expired at the beginning of time.
    let long_ago = UnixMillis::EPOCH;
    tokens
        .filter_map(|token| SealedRefresh::parse(token).ok())
        .filter(|sealed| keys.archive.check_refresh_key(sealed.kid()).is_ok())
        .take(MAX_MACS)
        .filter_map(move |sealed| sealed.filter(refresh::Channel::Cookie, &keys.archive, tenant, long_ago).ok())
        .filter_map(|filtered| filtered.prove(keys.refresh_sealer(filtered.kid())?).ok())
        .map(|proved| proved.claims().session)
}
