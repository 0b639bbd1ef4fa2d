//! Making tokens.

use alloc::string::{String, ToString};
use core::fmt;

use super::{MAX_LENGTH, VERSION};
use crate::base64url;
use crate::claims::{Claims, TimesOutOfOrder};
use crate::id::{KeyId, TenantId};
use crate::key::MacKey;

/// Signs tokens of one kind under one key, for the key's tenant.
#[derive(Clone)]
pub struct Sealer {
    kid: KeyId,
    tenant: TenantId,
    mac: MacKey,
}

/// Why claims could not be sealed: a mistake of the caller's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The claims name another tenant than the key's.
    #[error("the claims belong to another tenant than the key")]
    WrongTenant,
    /// The times are not in order.
    #[error(transparent)]
    TimesOutOfOrder(#[from] TimesOutOfOrder),
    /// The token would have more than [`MAX_LENGTH`] characters.
    #[error("the token would be longer than 1,024 characters")]
    TooLong,
}

impl Sealer {
    pub(crate) const fn new(kid: KeyId, tenant: TenantId, mac: MacKey) -> Self {
        Self { kid, tenant, mac }
    }

    /// The id of the key that signs.
    pub const fn key_id(&self) -> KeyId {
        self.kid
    }

    /// Makes the token `v1.<kid>.<claims>.<mac>`, the MAC being HMAC-SHA256 (RFC 2104) over all that
    /// stands before the last dot. The same claims always give the same token.
    pub fn seal(&self, claims: &Claims) -> Result<String, SealError> {
        if claims.tenant != self.tenant {
            return Err(SealError::WrongTenant);
        }
        let bytes = claims.to_bytes()?;
        let mut token = VERSION.to_string();
        for part in [self.kid.as_bytes().as_slice(), &bytes] {
            token.push('.');
            base64url::encode_to(part, &mut token);
        }
        let mac = self.mac.sign(token.as_bytes());
        token.push('.');
        base64url::encode_to(&mac, &mut token);
        if token.len() > MAX_LENGTH { Err(SealError::TooLong) } else { Ok(token) }
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer").field("kid", &self.kid).field("tenant", &self.tenant).finish_non_exhaustive()
    }
}
