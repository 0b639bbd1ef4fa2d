//! Choosing among the refresh cookies of a request.

use sealgate_shared::cookie::{self, CookieName};
use sealgate_shared::id::{SessionId, TenantId};
use sealgate_shared::refresh::{RefreshSelection, SealedRefresh, select_refresh};
use sealgate_shared::reject::Reject;

use crate::office::{Office, OfficeError};
use crate::store::KeyState;

/// What the refresh cookies of a request amount to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshCookie<'c> {
    /// There is none.
    Missing,
    /// The text of one whose outer MAC holds, and the session it names.
    Chosen(&'c str, SessionId),
    /// None holds.
    Rejected(Reject),
}

impl Office {
    /// Finds the refresh token in a `Cookie` header.
    pub async fn choose_refresh<'c>(
        &self,
        tenant: &TenantId,
        cookies: &'c str,
    ) -> Result<RefreshCookie<'c>, OfficeError> {
        let values = || cookie::values_of(cookies, self.settings.cookies, CookieName::Refresh);
        let kids = || values().filter_map(|value| SealedRefresh::parse(value).ok()).map(|sealed| sealed.kid());
        let mut keys = self.keys(tenant).await?;
        if let Some(unknown) = kids().find(|kid| keys.state_of(*kid).is_none()) {
            keys = self.keys_naming(tenant, unknown, keys).await?;
        }
        Ok(match select_refresh(values(), &keys.ring, tenant, self.clock.now()) {
            RefreshSelection::Missing => RefreshCookie::Missing,
            RefreshSelection::Passed(token, text) => RefreshCookie::Chosen(text, token.claims().session),
            RefreshSelection::Rejected(Reject::UnknownKid)
                if kids().any(|kid| keys.state_of(kid) == Some(KeyState::Destroyed)) =>
            {
                RefreshCookie::Rejected(Reject::Expired)
            }
            RefreshSelection::Rejected(reject) => RefreshCookie::Rejected(reject),
        })
    }
}
