//! What a person does with their own sessions. Another's are not there for them.

use sealgate_shared::id::SessionId;

use super::{Office, OfficeError};
use crate::session::{Cursor, RevokedReason, Session};
use crate::store::{ListPage, RelabelSession, RevokeActor, RevokeOutcome};

impl Office {
    /// The person's live sessions, newest first: one page of them.
    pub async fn list_own(
        &self,
        own: &Session,
        after: Option<Cursor>,
        limit: u32,
    ) -> Result<Vec<Session>, OfficeError> {
        let page = ListPage { tenant: &own.tenant, actor: &own.actor, after, limit };
        Ok(self.store.live_sessions(&page, self.clock.now()).await?)
    }

    /// Names one of the person's live sessions, or takes its name away; `None` when it is not one.
    pub async fn label_own(
        &self,
        own: &Session,
        id: SessionId,
        label: Option<&str>,
    ) -> Result<Option<Session>, OfficeError> {
        let request = RelabelSession { tenant: &own.tenant, actor: &own.actor, id, label };
        Ok(self.store.relabel_session(&request, self.clock.now()).await?)
    }

    /// Ends one of the person's sessions. Whether it had not ended before; `None` when it is not theirs.
    pub async fn end_own(&self, own: &Session, id: SessionId) -> Result<Option<bool>, OfficeError> {
        // Nothing changes whose a session is.
        let found = self.store.session(&own.tenant, id).await?;
        if !found.is_some_and(|found| found.actor == own.actor) {
            return Ok(None);
        }
        let outcome = self.revoke_session(&own.tenant, id, RevokedReason::SignOut).await?;
        Ok(Some(matches!(outcome, RevokeOutcome::Revoked(_))))
    }

    /// Ends every session of the person, or every other one; how many. `None`, and nothing has ended, when the one to be
    /// kept has ended meanwhile.
    pub async fn end_all_own(&self, own: &Session, but_this: bool) -> Result<Option<usize>, OfficeError> {
        let except = but_this.then_some(own.id);
        let request = RevokeActor { tenant: &own.tenant, actor: &own.actor, except, reason: RevokedReason::SignOut };
        Ok(self.revoke_actor(&request).await?.map(|ended| ended.len()))
    }
}
