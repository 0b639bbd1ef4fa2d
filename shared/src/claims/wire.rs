//! The bytes of the claims: postcard (its wire format, version 1), canonical form only.
//!
//! `postcard::from_bytes` alone accepts bytes left over and integers written longer than they need be. So
//! decoding ends with encoding again, and the two must be the same bytes.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Claims, TimesOutOfOrder};
use crate::id::{Role, Roles, SessionId};
use crate::time::UnixMillis;

/// Characters of a UUID with its hyphens.
const LENGTH: usize = uuid::fmt::Hyphenated::LENGTH;

/// More bytes than any claims take: a longer token than [`crate::token::MAX_LENGTH`] could not carry them.
const MAX_ENCODED: usize = 1_024;

/// The fields in the order in which they are written.
#[derive(Serialize, Deserialize)]
struct Wire<'a> {
    session: [u8; 16],
    #[serde(borrow)]
    tenant: WireId<'a>,
    actor_type: &'a str,
    actor_id: WireId<'a>,
    issued_at: u64,
    /// Milliseconds from issued-at to expiry.
    lifetime: u64,
    /// Milliseconds from authentication to issued-at.
    authenticated_before: u64,
    generation: u32,
    assurance: u8,
    roles: Vec<&'a str>,
}

/// An id that is a canonical UUID (RFC 9562 §4, lower case) travels as its 16 bytes.
#[derive(Serialize, Deserialize)]
enum WireId<'a> {
    Uuid([u8; 16]),
    Text(&'a str),
}

impl<'a> WireId<'a> {
    fn new(text: &'a str) -> Self {
        match Uuid::try_parse(text) {
            Ok(uuid) if hyphenated(&uuid, &mut [0; LENGTH]) == text => Self::Uuid(uuid.into_bytes()),
            _ => Self::Text(text),
        }
    }

    fn is_canonical(&self) -> bool {
        match self {
            Self::Uuid(_) => true,
            Self::Text(text) => text.len() != LENGTH || matches!(Self::new(text), Self::Text(_)),
        }
    }

    fn to_text<'b>(&'b self, buffer: &'b mut [u8; LENGTH]) -> &'b str {
        match self {
            Self::Uuid(bytes) => hyphenated(&Uuid::from_bytes(*bytes), buffer),
            Self::Text(text) => text,
        }
    }
}

fn hyphenated<'b>(uuid: &Uuid, buffer: &'b mut [u8; LENGTH]) -> &'b str {
    uuid.hyphenated().encode_lower(buffer)
}

impl Wire<'_> {
    /// Writes into memory of its own rather than a growing vector: that took a third of a whole verify.
    fn encode<'b>(&self, buffer: &'b mut [u8; MAX_ENCODED]) -> &'b [u8] {
        // The longest claims are 801 bytes, so there is room; were there none, empty claims verify nowhere.
        postcard::to_slice(self, buffer).map_or(&[], |written| written)
    }

    fn is_canonical(&self, bytes: &[u8]) -> bool {
        self.tenant.is_canonical() && self.actor_id.is_canonical() && self.encode(&mut [0; MAX_ENCODED]) == bytes
    }
}

impl Claims {
    /// Encodes the claims.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, TimesOutOfOrder> {
        let lifetime = self.expires_at.as_u64().checked_sub(self.issued_at.as_u64());
        let authenticated_before = self.issued_at.as_u64().checked_sub(self.authenticated_at.as_u64());
        let wire = Wire {
            session: *self.session.as_bytes(),
            tenant: WireId::new(self.tenant.as_str()),
            actor_type: self.actor_type.as_str(),
            actor_id: WireId::new(self.actor_id.as_str()),
            issued_at: self.issued_at.as_u64(),
            lifetime: lifetime.ok_or(TimesOutOfOrder)?,
            authenticated_before: authenticated_before.ok_or(TimesOutOfOrder)?,
            generation: self.generation,
            assurance: self.assurance,
            roles: self.roles.iter().map(Role::as_str).collect(),
        };
        Ok(wire.encode(&mut [0; MAX_ENCODED]).to_vec())
    }

    /// Decodes the claims; `None` unless the bytes are exactly what [`Claims::to_bytes`] makes of them.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let wire: Wire<'_> = postcard::from_bytes(bytes).ok()?;
        if !wire.is_canonical(bytes) {
            return None;
        }
        let issued_at = UnixMillis::new(wire.issued_at)?;
        Some(Self {
            session: SessionId::new(wire.session),
            tenant: wire.tenant.to_text(&mut [0; LENGTH]).parse().ok()?,
            actor_type: wire.actor_type.parse().ok()?,
            actor_id: wire.actor_id.to_text(&mut [0; LENGTH]).parse().ok()?,
            issued_at,
            expires_at: UnixMillis::new(wire.issued_at.checked_add(wire.lifetime)?)?,
            authenticated_at: UnixMillis::new(wire.issued_at.checked_sub(wire.authenticated_before)?)?,
            generation: wire.generation,
            assurance: wire.assurance,
            roles: decode_roles(&wire.roles)?,
        })
    }
}

fn decode_roles(texts: &[&str]) -> Option<Roles> {
    let roles = texts.iter().map(|text| text.parse().ok()).collect::<Option<Vec<Role>>>()?;
    Roles::from_sorted(roles).ok()
}
