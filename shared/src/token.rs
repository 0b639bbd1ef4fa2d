//! Tokens: sealing them, and the chain of checks from text to a live session.

mod seal;
mod verify;

pub use seal::{SealError, Sealer};
pub use verify::{Authentic, Live, NotNow, RevocationAnswer, Sealed, TokenKind, Verified};

/// The most characters a token may have. Longer ones are refused unread.
pub const MAX_LENGTH: usize = 1_024;

/// How far, in milliseconds, a token's issued-at may lie ahead of the verifier's clock. There is no leeway
/// at the other end: a token is dead at its expiry.
pub const CLOCK_LEEWAY_MS: u64 = 5_000;

/// The first part of every token.
const VERSION: &str = "v1";
