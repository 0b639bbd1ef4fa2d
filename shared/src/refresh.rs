//! Refresh tokens: what a browser or a native client shows to be given the next access token.
//!
//! Text of the form `r1.<kid>.<body>.<inner>.<outer>`, described byte by byte in `docs/FORMAT.md`. The outer MAC, over all that
//! stands before it, is under a subkey that edges have: they drop forged ones. The inner one is under a subkey that
//! the origin alone has: an edge that leaks can make none. Nobody stores a token, and the same body always gives the same
//! text, so that whoever asks twice is answered twice the same.
//!
//! ```text
//! SealedRefresh ──filter──▶ FilteredRefresh ──prove──▶ ProvedRefresh
//!  text         outer MAC,   an edge's to act on  inner MAC,  the origin's
//!               body, channel, expiry
//! ```

mod seal;
mod select;
mod verify;
mod wire;

pub use seal::RefreshSealer;
pub use select::{RefreshSelection, select_refresh};
pub use verify::{FilteredRefresh, ProvedRefresh, SealedRefresh};

use crate::id::SessionId;
use crate::time::UnixMillis;

/// The only version there is.
pub const VERSION: &str = "r1";

/// The most characters of a refresh token. The longest good one has 142.
pub const MAX_LENGTH: usize = 192;

/// How a client holds its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    /// A browser, in cookies.
    Cookie,
    /// A native client, which sends `Authorization: Bearer` (RFC 6750 §2.1).
    Bearer,
}

/// What a refresh token says. It is signed, not hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshClaims {
    /// The session.
    pub session: SessionId,
    /// How many times the session had been refreshed when the token was made.
    pub generation: u32,
    /// Where the token may be found, and nowhere else.
    pub channel: Channel,
    /// The first moment at which the session is over, unless it is refreshed before.
    pub idle_expires_at: UnixMillis,
}
