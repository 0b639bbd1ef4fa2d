//! Where a page of a list ended.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sealgate_shared::id::SessionId;
use sealgate_shared::time::UnixMillis;

use super::Session;

/// Where a page ended. Opaque to callers, and no secret: a query is bound to tenant and actor anyway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub created_at: UnixMillis,
    pub id: SessionId,
}

/// Not a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a cursor that an earlier page gave")]
pub struct BadCursor;

impl Cursor {
    /// The cursor of the page that ends with this session.
    pub const fn after(session: &Session) -> Self {
        Self { created_at: session.created_at, id: session.id }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0; 24];
        bytes[..8].copy_from_slice(&self.created_at.as_u64().to_be_bytes());
        bytes[8..].copy_from_slice(self.id.as_bytes());
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for Cursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, BadCursor> {
        let read = || {
            let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
            let (created_at, id) = bytes.split_first_chunk::<8>()?;
            let created_at = UnixMillis::new(u64::from_be_bytes(*created_at))?;
            Some(Self { created_at, id: SessionId::new(id.try_into().ok()?) })
        };
        read().ok_or(BadCursor)
    }
}
