//! The bytes of the body: postcard (its wire format, version 1), canonical form only.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{Channel, RefreshClaims};
use crate::id::SessionId;
use crate::time::UnixMillis;

/// The fields in the order in which they are written.
#[derive(Serialize, Deserialize)]
struct Wire {
    session: [u8; 16],
    generation: u32,
    channel: WireChannel,
    idle_expires_at: u64,
}

/// Postcard writes the variant's position, as a varint: 0 or 1.
#[derive(Serialize, Deserialize)]
enum WireChannel {
    Cookie,
    Bearer,
}

impl RefreshClaims {
    /// Encodes the body.
    pub(super) fn to_bytes(self) -> Vec<u8> {
        let wire = Wire {
            session: *self.session.as_bytes(),
            generation: self.generation,
            channel: match self.channel {
                Channel::Cookie => WireChannel::Cookie,
                Channel::Bearer => WireChannel::Bearer,
            },
            idle_expires_at: self.idle_expires_at.as_u64(),
        };
        // Writing to memory does not fail; were it to, an empty body is decoded nowhere.
        postcard::to_allocvec(&wire).unwrap_or_default()
    }

    /// Decodes the body; `None` unless the bytes are exactly what [`RefreshClaims::to_bytes`] makes of it.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let wire: Wire = postcard::from_bytes(bytes).ok()?;
        let claims = Self {
            session: SessionId::new(wire.session),
            generation: wire.generation,
            channel: match wire.channel {
                WireChannel::Cookie => Channel::Cookie,
                WireChannel::Bearer => Channel::Bearer,
            },
            idle_expires_at: UnixMillis::new(wire.idle_expires_at)?,
        };
        (claims.to_bytes() == bytes).then_some(claims)
    }
}
