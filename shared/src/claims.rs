//! What a token says.

mod wire;

use crate::id::{ActorId, ActorType, Roles, SessionId, TenantId};
use crate::time::UnixMillis;

/// The claims of an access token. They are signed, not hidden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The session the token belongs to.
    pub session: SessionId,
    /// The tenant the session belongs to.
    pub tenant: TenantId,
    /// The kind of actor.
    pub actor_type: ActorType,
    /// The actor.
    pub actor_id: ActorId,
    /// When this token was made.
    pub issued_at: UnixMillis,
    /// The first moment at which it is no longer valid.
    pub expires_at: UnixMillis,
    /// When the actor last proved who it is; not later than `issued_at`.
    pub authenticated_at: UnixMillis,
    /// How many times the session had been refreshed.
    pub generation: u32,
    /// How sure the sign-in was, on a scale of the tenant's own; 0 says nothing. NIST SP 800-63B's levels
    /// (1 to 3) are a good choice.
    pub assurance: u8,
    /// The actor's roles when the token was made.
    pub roles: Roles,
}

/// Claims that no token can carry: they expire before they were issued, or were issued before the actor
/// was authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the times must be in the order authenticated, issued, expires")]
pub struct TimesOutOfOrder;
