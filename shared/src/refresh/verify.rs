//! The chain of checks: [`SealedRefresh`] → [`FilteredRefresh`] → [`ProvedRefresh`].

use super::{Channel, MAX_LENGTH, RefreshClaims, RefreshSealer, VERSION};
use crate::base64url;
use crate::id::{KeyId, TenantId};
use crate::keyring::Keyring;
use crate::reject::Reject;
use crate::time::UnixMillis;

/// Text of the form `r1.<kid>.<body>.<inner>.<outer>`, about which nothing else is known yet.
#[derive(Clone, Copy)]
pub struct SealedRefresh<'t> {
    kid: KeyId,
    body: &'t str,
    /// What the inner MAC is taken over.
    inner_signed: &'t str,
    inner: [u8; 32],
    /// What the outer MAC is taken over.
    outer_signed: &'t str,
    outer: [u8; 32],
}

impl<'t> SealedRefresh<'t> {
    /// Checks the length, splits the text and checks the version. The body stays unread.
    pub fn parse(token: &'t str) -> Result<Self, Reject> {
        if token.len() > MAX_LENGTH {
            return Err(Reject::TooLong);
        }
        let (outer_signed, outer) = token.rsplit_once('.').ok_or(Reject::Malformed)?;
        let (inner_signed, inner) = outer_signed.rsplit_once('.').ok_or(Reject::Malformed)?;
        let mut parts = inner_signed.split('.');
        let (Some(version), Some(kid), Some(body), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Reject::Malformed);
        };
        if version != VERSION {
            return Err(Reject::UnknownVersion);
        }
        let kid = KeyId::from_kid(kid).ok_or(Reject::Malformed)?;
        let inner = base64url::decode_exact(inner).ok_or(Reject::Malformed)?;
        let outer = base64url::decode_exact(outer).ok_or(Reject::Malformed)?;
        Ok(Self { kid, body, inner_signed, inner, outer_signed, outer })
    }

    /// The id of the key the token says it was signed with. Nobody vouches for it yet.
    pub const fn kid(&self) -> KeyId {
        self.kid
    }

    /// Checks, in this order: the key is known and not revoked, the outer MAC holds (constant time), the body is canonical,
    /// the key is the tenant's, the token was made for this channel ([`Reject::BadMac`], as for an access token of
    /// the other kind), and its session was not over at `now` for want of use.
    ///
    /// `tenant` is the tenant of the request, from the host name. A retired key will do: sessions outlive the keys that
    /// signed their last token.
    pub fn filter(
        &self,
        channel: Channel,
        ring: &Keyring,
        tenant: &TenantId,
        now: UnixMillis,
    ) -> Result<FilteredRefresh<'t>, Reject> {
        let key = ring.find(self.kid).ok_or(Reject::UnknownKid)?;
        if !key.refresh_filter()?.verify(self.outer_signed.as_bytes(), &self.outer) {
            return Err(Reject::BadMac);
        }
        let bytes = base64url::decode(self.body).ok_or(Reject::BadClaims)?;
        let claims = RefreshClaims::from_bytes(&bytes).ok_or(Reject::BadClaims)?;
        if key.tenant() != tenant {
            return Err(Reject::WrongTenant);
        }
        if claims.channel != channel {
            return Err(Reject::BadMac);
        }
        if now >= claims.idle_expires_at {
            return Err(Reject::Expired);
        }
        Ok(FilteredRefresh { claims, sealed: *self })
    }
}

/// A refresh token whose outer MAC holds, for this tenant and channel, of a session that need not be over. Not a forgery,
/// as far as an edge can tell; the origin knows whether it is still good.
#[derive(Clone, Copy)]
pub struct FilteredRefresh<'t> {
    claims: RefreshClaims,
    sealed: SealedRefresh<'t>,
}

impl FilteredRefresh<'_> {
    /// What the token says.
    pub const fn claims(&self) -> &RefreshClaims {
        &self.claims
    }

    /// The id of the key that signed it.
    pub const fn kid(&self) -> KeyId {
        self.sealed.kid
    }

    /// The outer MAC: what tells this token from every other.
    pub const fn mac(&self) -> &[u8; 32] {
        &self.sealed.outer
    }

    /// Checks the inner MAC (constant time). Under another key or tenant than the sealer's it does not hold, whoever made
    /// it.
    pub fn prove(&self, sealer: &RefreshSealer) -> Result<ProvedRefresh, Reject> {
        let key = sealer.inner(self.claims.channel);
        if sealer.key_id() == self.sealed.kid && key.verify(self.sealed.inner_signed.as_bytes(), &self.sealed.inner) {
            Ok(ProvedRefresh { claims: self.claims, kid: self.sealed.kid })
        } else {
            Err(Reject::BadMac)
        }
    }
}

/// A refresh token that the origin made. Whether it is still good is for the session's row to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProvedRefresh {
    claims: RefreshClaims,
    kid: KeyId,
}

impl ProvedRefresh {
    /// What the token says.
    pub const fn claims(&self) -> &RefreshClaims {
        &self.claims
    }

    /// The id of the key that signed it.
    pub const fn kid(&self) -> KeyId {
        self.kid
    }
}
