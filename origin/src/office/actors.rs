//! What is known of actors beyond their sessions.

use sealgate_shared::claims::Claims;
use sealgate_shared::id::{Roles, SessionId};
use sealgate_shared::time::UnixMillis;

use super::{MintRequest, Office, OfficeError};
use crate::session::{Channel, Session};
use crate::store::{Acquaintance, Attributes, ChangeActor, LimitSessions};

impl Office {
    /// Changes what is known of an actor: what that is now, and how many live sessions it concerns. They take it over when
    /// they are refreshed; at once, if the change says so.
    pub async fn change_actor(&self, change: &ChangeActor<'_>) -> Result<(Attributes, u64), OfficeError> {
        self.check_length(change).await?;
        let changed = self.store.change_actor(change, self.clock.now()).await?;
        if change.at_once {
            self.notice().await;
        }
        Ok(changed)
    }

    /// Refuses roles that no token has room for: every refresh of the actor's sessions would fail.
    async fn check_length(&self, change: &ChangeActor<'_>) -> Result<(), OfficeError> {
        let keys = self.keys(change.tenant).await?;
        let signer = keys.signer(keys.active).ok_or(OfficeError::Broken("the active key signs nothing"))?;
        // Whatever else a token says takes no more room than this.
        let claims = Claims {
            session: SessionId::new([0; 16]),
            tenant: change.tenant.clone(),
            actor_type: change.actor.kind.clone(),
            actor_id: change.actor.id.clone(),
            issued_at: UnixMillis::MAX.minus(1),
            expires_at: UnixMillis::MAX,
            authenticated_at: UnixMillis::EPOCH,
            generation: u32::MAX,
            assurance: u8::MAX,
            roles: change.roles.clone().unwrap_or_default(),
        };
        signer.access(Channel::Cookie).seal(&claims).map(drop).map_err(|_| OfficeError::TokenTooLong)
    }

    /// What a new session of the actor goes by. This is the one question that a mint asks before it stores anything; as
    /// it counts the sessions, nothing more is asked of an actor who has few.
    pub(super) async fn get_acquainted(&self, request: &MintRequest) -> Result<Acquaintance, OfficeError> {
        // Whether there are more makes no difference to what is done.
        let enough = self.half_of_limit();
        Ok(self.store.acquaintance(&request.tenant, &request.actor, self.clock.now(), enough).await?)
    }

    /// Ends what the actor has too many of, now that there is one more. Sessions that are made at the same time don't know
    /// of each other when they count: so those who are half-way to the limit are counted again.
    pub(super) async fn end_surplus(&self, session: &Session, known: &Acquaintance) -> Result<(), OfficeError> {
        if known.live < self.half_of_limit() {
            return Ok(());
        }
        let limit = self.settings.sessions_per_actor;
        let request = LimitSessions { tenant: &session.tenant, actor: &session.actor, newest: session.id, limit };
        let ended = self.store.limit_sessions(&request, self.clock.now()).await?;
        if !ended.is_empty() {
            self.notice().await;
        }
        Ok(())
    }

    const fn half_of_limit(&self) -> u32 {
        self.settings.sessions_per_actor / 2
    }
}

impl Acquaintance {
    /// The roles of a new session: the caller's word, or else what is known.
    pub(super) fn roles(&self, given: Option<&Roles>) -> Roles {
        given.or(self.roles.as_ref()).cloned().unwrap_or_default()
    }

    /// Likewise.
    pub(super) fn assurance(&self, given: Option<u8>) -> u8 {
        given.or(self.assurance).unwrap_or_default()
    }
}
