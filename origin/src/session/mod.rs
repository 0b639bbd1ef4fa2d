//! What a session is.

mod cursor;
mod device;
mod lifetimes;
mod reason;

use std::net::IpAddr;

use sealgate_shared::id::{ActorId, ActorType, KeyId, Roles, SessionId, TenantId};
use sealgate_shared::time::UnixMillis;

pub use cursor::{BadCursor, Cursor};
pub use device::{fingerprint, name_device};
pub use lifetimes::{Expiries, Lifetimes, Span};
pub use reason::{Channel, Method, RevokedReason, UnknownWord};

/// Whose session it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Actor {
    pub kind: ActorType,
    pub id: ActorId,
}

/// What an OpenID provider calls a session, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdpLink {
    pub issuer: String,
    /// The person, among those of the issuer.
    pub subject: String,
    /// The provider's own session (`sid`, OpenID Connect Back-Channel Logout 1.0 §2.1). No id of ours.
    pub sid: Option<String>,
}

/// A session after sign-in, as its row has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub tenant: TenantId,
    pub actor: Actor,
    /// How many times it was refreshed.
    pub generation: u32,
    /// The lowest generation whose holder may be given the current one; `None` as long as there was no other.
    pub previous_generation: Option<u32>,
    /// When the access token of this generation was made.
    pub issued_at: UnixMillis,
    /// When that token ends.
    pub access_expires_at: UnixMillis,
    /// The key that signed that token.
    pub signing_key: KeyId,
    /// The key that signed the tokens of [`Self::previous_generation`].
    pub previous_signing_key: Option<KeyId>,
    /// Whether somebody has shown a token of this generation.
    pub presented: bool,
    /// When somebody last came back for an answer that had been lost; `None` again once it was refreshed in time.
    pub answered_late_at: Option<UnixMillis>,
    pub channel: Channel,
    /// How it came about; `None` for those older than this was written down.
    pub method: Option<Method>,
    /// The provider's session that it came from.
    pub idp: Option<IdpLink>,
    pub idle_expires_at: UnixMillis,
    pub absolute_expires_at: UnixMillis,
    pub created_at: UnixMillis,
    pub last_seen_at: UnixMillis,
    pub authenticated_at: UnixMillis,
    /// "Stay signed in on this device."
    pub remember: bool,
    pub assurance: u8,
    pub roles: Roles,
    /// Keyed hash of the user agent.
    pub fingerprint: Option<[u8; 32]>,
    /// Such as "Firefox on Linux".
    pub device_name: Option<String>,
    /// The owner's own name for the device.
    pub label: Option<String>,
    /// Where it was last refreshed from; kept only if the operator asked for it.
    pub ip: Option<IpAddr>,
    /// Likewise.
    pub user_agent: Option<String>,
    pub revoked: Option<Revoked>,
}

/// How a session was ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revoked {
    pub at: UnixMillis,
    pub reason: RevokedReason,
}

/// What a session amounts to at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Live,
    Expired,
    Revoked,
}

impl Session {
    /// Whether the session holds at `now`. A revoked one stays revoked after it would have expired.
    pub fn status(&self, now: UnixMillis) -> Status {
        if self.revoked.is_some() {
            Status::Revoked
        } else if now >= self.idle_expires_at || now >= self.absolute_expires_at {
            Status::Expired
        } else {
            Status::Live
        }
    }
}

impl Status {
    /// The word the API uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}
