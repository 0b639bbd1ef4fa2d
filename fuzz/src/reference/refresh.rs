//! docs/FORMAT.md, "The refresh token", once more.

use sealgate_shared::id::SessionId;
use sealgate_shared::key::Purpose;
use sealgate_shared::refresh::{Channel, RefreshClaims};
use sealgate_shared::reject::Reject;
use sealgate_shared::time::UnixMillis;

use super::{Reader, decode_base64url};
use crate::world::{World, mac};

/// The verdict of an edge, and the reason of the first check that fails.
pub(crate) fn filter(
    token: &str,
    channel: Channel,
    world: &World,
    tenant: &str,
    now: UnixMillis,
) -> Result<RefreshClaims, Reject> {
    if token.len() > 192 {
        return Err(Reject::TooLong);
    }
    let parts: Vec<&str> = token.split('.').collect();
    let [version, kid, body, inner, outer] = parts[..] else { return Err(Reject::Malformed) };
    if version != "r1" {
        return Err(Reject::UnknownVersion);
    }
    let exactly = |text: &str, length| decode_base64url(text).filter(|bytes| bytes.len() == length);
    let kid = exactly(kid, 8).ok_or(Reject::Malformed)?;
    exactly(inner, 32).ok_or(Reject::Malformed)?;
    let outer = exactly(outer, 32).ok_or(Reject::Malformed)?;
    // Retired is no reason here: sessions outlive the access tokens of their key.
    if let Some(reject @ (Reject::UnknownKid | Reject::Revoked)) = world.refusal(&kid) {
        return Err(reject);
    }
    let key = world.find(&kid).unwrap();
    if mac(key, Purpose::RefreshFilter, &token.as_bytes()[..token.len() - 44])[..] != outer[..] {
        return Err(Reject::BadMac);
    }
    let claims = decode_base64url(body).and_then(|bytes| decode_body(&bytes)).ok_or(Reject::BadClaims)?;
    if key.tenant().as_str() != tenant {
        return Err(Reject::WrongTenant);
    }
    if claims.channel != channel {
        return Err(Reject::BadMac);
    }
    if now.as_u64() >= claims.idle_expires_at.as_u64() {
        return Err(Reject::Expired);
    }
    Ok(claims)
}

/// Whether the inner MAC of a token that has passed is the right one.
pub(crate) fn proves(token: &str, world: &World) -> bool {
    let parts: Vec<&str> = token.split('.').collect();
    let (kid, inner) = (decode_base64url(parts[1]).unwrap(), decode_base64url(parts[3]).unwrap());
    let purpose = match decode_body(&decode_base64url(parts[2]).unwrap()).unwrap().channel {
        Channel::Cookie => Purpose::Refresh,
        Channel::Bearer => Purpose::RefreshBearer,
    };
    mac(world.find(&kid).unwrap(), purpose, parts[..3].join(".").as_bytes())[..] == inner[..]
}

fn decode_body(bytes: &[u8]) -> Option<RefreshClaims> {
    let mut reader = Reader(bytes);
    let session = SessionId::new(reader.take(16)?.try_into().ok()?);
    let generation = u32::try_from(reader.varint(32)?).ok()?;
    let channel = match reader.varint(32)? {
        0 => Channel::Cookie,
        1 => Channel::Bearer,
        _ => return None,
    };
    let idle_expires_at = UnixMillis::new(reader.varint(64).filter(|&ms| ms <= 253_402_300_799_999)?)?;
    reader.0.is_empty().then_some(RefreshClaims { session, generation, channel, idle_expires_at })
}
