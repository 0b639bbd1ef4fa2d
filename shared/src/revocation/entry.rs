//! One revocation.

use crate::id::{ActorId, ActorType, KeyId, SessionId, TenantId};
use crate::time::UnixMillis;

/// One entry of the sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it hits.
    pub revoked: Revoked,
    /// From here on no token that it hits can be alive. Travels in whole seconds, rounded up.
    pub expires_at: UnixMillis,
}

/// What a revocation hits: one session, or, as a *mark*, very many tokens at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// All tokens of one session.
    Session(SessionId),
    /// What was issued to an actor before a moment, but for one session.
    Actor {
        /// The actor's tenant.
        tenant: TenantId,
        /// The kind of actor.
        actor_type: ActorType,
        /// The actor.
        actor_id: ActorId,
        /// The session that stays.
        except: Option<SessionId>,
        /// Tokens issued at this moment or later are not hit.
        issued_before: UnixMillis,
    },
    /// What was issued for a tenant before a moment.
    Tenant {
        /// The tenant.
        tenant: TenantId,
        /// Tokens issued at this moment or later are not hit.
        issued_before: UnixMillis,
    },
    /// Whatever names a key, whenever it says that it was issued: somebody else may be signing with it.
    Key(KeyId),
}
