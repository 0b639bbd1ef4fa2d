//! Ending sessions before their time.

use sealgate_shared::id::{SessionId, TenantId};

use super::{Office, OfficeError};
use crate::session::RevokedReason;
use crate::store::{RevokeActor, RevokeOutcome};

impl Office {
    /// Revokes one session.
    pub async fn revoke_session(
        &self,
        tenant: &TenantId,
        id: SessionId,
        reason: RevokedReason,
    ) -> Result<RevokeOutcome, OfficeError> {
        let outcome = self.store.revoke_session(tenant, id, reason, self.clock.now()).await?;
        self.notice().await;
        Ok(outcome)
    }

    /// Revokes every live session of an actor and answers which; `None`, and nothing is revoked, when the one to be
    /// kept is not a live session of that actor.
    pub async fn revoke_actor(&self, request: &RevokeActor<'_>) -> Result<Option<Vec<SessionId>>, OfficeError> {
        let revoked = self.store.revoke_actor(request, self.clock.now()).await?;
        self.notice().await;
        Ok(revoked)
    }
}
