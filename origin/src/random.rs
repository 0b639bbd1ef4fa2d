//! Randomness from the operating system.

use sealgate_shared::id::{KeyId, SessionId};
use sealgate_shared::secret::Secret32;

/// The operating system gave no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gives no random bytes")]
pub struct NoRandomness(#[from] getrandom::Error);

/// Draws `N` random bytes.
pub(crate) fn draw<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// Draws a secret.
pub(crate) fn draw_secret() -> Result<Secret32, NoRandomness> {
    draw().map(Secret32::new)
}

/// Draws a session id.
pub(crate) fn draw_session_id() -> Result<SessionId, NoRandomness> {
    draw().map(SessionId::new)
}

/// Draws a key id.
pub(crate) fn draw_key_id() -> Result<KeyId, NoRandomness> {
    draw().map(KeyId::new)
}
