//! CSRF tokens: derived from the session whenever asked for, so nothing is stored and every tab has the
//! same one.

use alloc::string::String;
use core::fmt;

use subtle::ConstantTimeEq;

use crate::base64url;
use crate::id::SessionId;
use crate::key::MacKey;

/// The first 16 bytes of HMAC-SHA256 (RFC 2104) over the session id, under the `csrf` subkey of the key that
/// signs the session's tokens.
#[derive(Clone, Copy)]
pub struct CsrfToken([u8; 16]);

impl CsrfToken {
    pub(crate) fn derive(key: &MacKey, session: SessionId) -> Self {
        let mac = key.sign(session.as_bytes());
        let mut token = [0; 16];
        token.iter_mut().zip(mac).for_each(|(to, from)| *to = from);
        Self(token)
    }

    /// The token as cookies, headers and forms carry it: 22 characters of base64url.
    pub fn expose(&self) -> String {
        base64url::encode(&self.0)
    }

    /// Whether `text` is this token, compared in constant time.
    pub fn matches(&self, text: &str) -> bool {
        base64url::decode_exact::<16>(text).is_some_and(|given| self.0.ct_eq(&given).into())
    }
}

impl fmt::Debug for CsrfToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CsrfToken(redacted)")
    }
}
