//! The tokens of a session on the bearer channel, as a body carries them (RFC 6749 §5.1).

use serde::Serialize;

use crate::office::Issued;
use crate::session::Channel;

/// The members of an answer that hand tokens to a native client.
#[derive(Serialize)]
pub(super) struct BearerTokens {
    access_token: String,
    refresh_token: String,
    token_type: &'static str,
    /// In seconds, from the moment at which the access token was issued. Not from now: whoever asks again is answered the
    /// same, by a clock or without one.
    expires_in: u64,
}

impl BearerTokens {
    /// None on the cookie channel: what is in cookies is in no body.
    pub(super) fn of(issued: &Issued) -> Option<Self> {
        let session = &issued.session;
        (session.channel == Channel::Bearer).then(|| Self {
            access_token: issued.access_token.clone(),
            refresh_token: issued.refresh_token.clone(),
            token_type: "Bearer",
            expires_in: session.access_expires_at.since(session.issued_at) / 1_000,
        })
    }
}
