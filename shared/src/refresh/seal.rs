//! Making refresh tokens.

use alloc::string::{String, ToString};
use core::fmt;

use super::{Channel, RefreshClaims, VERSION};
use crate::base64url;
use crate::id::{KeyId, TenantId};
use crate::key::MacKey;

/// Signs refresh tokens under one key, and proves those it signed: the origin's alone.
#[derive(Clone)]
pub struct RefreshSealer {
    kid: KeyId,
    tenant: TenantId,
    cookie: MacKey,
    bearer: MacKey,
    filter: MacKey,
}

impl RefreshSealer {
    pub(crate) fn new(kid: KeyId, tenant: TenantId, [cookie, bearer, filter]: [MacKey; 3]) -> Self {
        Self { kid, tenant, cookie, bearer, filter }
    }

    /// The id of the key that signs.
    pub const fn key_id(&self) -> KeyId {
        self.kid
    }

    /// The tenant whose key it is.
    pub const fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// Makes the token `r1.<kid>.<body>.<inner>.<outer>`, each MAC being HMAC-SHA256 (RFC 2104) over all that stands
    /// before the dot in front of it. The same claims always give the same token.
    pub fn seal(&self, claims: &RefreshClaims) -> String {
        let mut token = VERSION.to_string();
        append(&mut token, self.kid.as_bytes());
        append(&mut token, &claims.to_bytes());
        for key in [self.inner(claims.channel), &self.filter] {
            let mac = key.sign(token.as_bytes());
            append(&mut token, &mac);
        }
        token
    }

    pub(super) const fn inner(&self, channel: Channel) -> &MacKey {
        match channel {
            Channel::Cookie => &self.cookie,
            Channel::Bearer => &self.bearer,
        }
    }
}

fn append(token: &mut String, part: &[u8]) {
    token.push('.');
    base64url::encode_to(part, token);
}

impl fmt::Debug for RefreshSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshSealer").field("kid", &self.kid).field("tenant", &self.tenant).finish_non_exhaustive()
    }
}
