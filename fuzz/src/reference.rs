//! docs/FORMAT.md once more, as plainly as it can be written: no speed, no serde, nothing of the crate under
//! test but the types in which the results are compared. It refuses what is not canonical while reading,
//! where the crate encodes again and compares: two ways that must come to the same.

pub(crate) mod feed;
pub(crate) mod refresh;

use sealgate_shared::claims::Claims;
use sealgate_shared::id::{KeyId, Role, Roles, SessionId};
use sealgate_shared::key::Purpose;
use sealgate_shared::keyring::{KeyMaterial, KeyringDocument, PublishedKey, SessionSubkeys, TokenSubkeys};
use sealgate_shared::reject::Reject;
use sealgate_shared::secret::Secret32;
use sealgate_shared::time::UnixMillis;

use crate::world::{World, mac};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

pub(crate) fn encode_base64url(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0_u32, |word, &byte| word << 8 | u32::from(byte)) << (8 * (3 - chunk.len()));
        for character in 0..=chunk.len() {
            text.push(char::from(ALPHABET[(word >> (18 - 6 * character) & 63) as usize]));
        }
    }
    text
}

/// One spelling only: the bits left over at the end must be zeros, and fewer than six.
pub(crate) fn decode_base64url(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut word, mut bits) = (Vec::new(), 0_u32, 0);
    for character in text.bytes() {
        let value = ALPHABET.iter().position(|&known| known == character)?;
        (word, bits) = (word << 6 | u32::try_from(value).ok()?, bits + 6);
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(word >> bits).ok()?);
            word &= (1 << bits) - 1;
        }
    }
    (bits < 6 && word == 0).then_some(bytes)
}

/// The verdict about a token, and the reason of the first check that fails. `purpose` is that of the subkey which
/// should have signed it.
pub(crate) fn authenticate(token: &str, purpose: Purpose, world: &World, tenant: &str) -> Result<Claims, Reject> {
    if token.len() > 1_024 {
        return Err(Reject::TooLong);
    }
    let parts: Vec<&str> = token.split('.').collect();
    let [version, kid, claims, given] = parts[..] else { return Err(Reject::Malformed) };
    if version != "v1" {
        return Err(Reject::UnknownVersion);
    }
    let kid = decode_base64url(kid).filter(|bytes| bytes.len() == 8).ok_or(Reject::Malformed)?;
    let given = decode_base64url(given).filter(|bytes| bytes.len() == 32).ok_or(Reject::Malformed)?;
    if let Some(reject) = world.refusal(&kid) {
        return Err(reject);
    }
    let key = world.find(&kid).unwrap();
    if mac(key, purpose, &token.as_bytes()[..token.len() - 44])[..] != given[..] {
        return Err(Reject::BadMac);
    }
    let claims = decode_base64url(claims).and_then(|bytes| decode_claims(&bytes)).ok_or(Reject::BadClaims)?;
    if claims.tenant.as_str() != tenant || key.tenant().as_str() != tenant {
        return Err(Reject::WrongTenant);
    }
    if claims.expires_at.as_u64() - claims.issued_at.as_u64() > world.ring.max_lifetime_ms() {
        return Err(Reject::LifetimeTooLong);
    }
    Ok(claims)
}

/// The last two checks.
pub(crate) fn is_good_at(claims: &Claims, now: UnixMillis) -> Result<(), Reject> {
    if claims.issued_at.as_u64() > now.as_u64() + 5_000 {
        Err(Reject::IssuedInFuture)
    } else if now.as_u64() < claims.expires_at.as_u64() {
        Ok(())
    } else {
        Err(Reject::Expired)
    }
}

pub(crate) fn decode_claims(bytes: &[u8]) -> Option<Claims> {
    let mut reader = Reader(bytes);
    let session = SessionId::new(reader.take(16)?.try_into().ok()?);
    let tenant = reader.id(is_slug)?;
    let actor_type = reader.text(is_actor_type)?;
    let actor_id = reader.id(is_actor_id)?;
    let issued_at = reader.varint(64)?;
    let (lifetime, authenticated_before) = (reader.varint(64)?, reader.varint(64)?);
    let generation = u32::try_from(reader.varint(32)?).ok()?;
    let assurance = reader.take(1)?[0];
    let count = reader.varint(64)?;
    if count > 16 {
        return None;
    }
    let mut roles: Vec<String> = Vec::new();
    for _ in 0..count {
        let role = reader.text(is_role)?;
        if roles.last().is_some_and(|last| *last >= role) {
            return None;
        }
        roles.push(role);
    }
    let moment =
        |milliseconds: Option<u64>| milliseconds.filter(|&ms| ms <= 253_402_300_799_999).and_then(UnixMillis::new);
    let claims = Claims {
        session,
        // What is written down here as well-formed, the crate must take.
        tenant: tenant.parse().unwrap(),
        actor_type: actor_type.parse().unwrap(),
        actor_id: actor_id.parse().unwrap(),
        issued_at: moment(Some(issued_at))?,
        expires_at: moment(issued_at.checked_add(lifetime))?,
        authenticated_at: moment(issued_at.checked_sub(authenticated_before))?,
        generation,
        assurance,
        roles: Roles::new(roles.iter().map(|role| role.parse::<Role>().unwrap()).collect()).unwrap(),
    };
    reader.0.is_empty().then_some(claims)
}

pub(crate) fn decode_keyring(bytes: &[u8]) -> Option<KeyringDocument> {
    let mut reader = Reader(bytes);
    let (version, max_lifetime_ms) = (reader.varint(64)?, reader.varint(64)?);
    let mut keys = Vec::new();
    for _ in 0..reader.varint(64)? {
        let id = KeyId::new(reader.take(8)?.try_into().ok()?);
        let tenant = reader.text(is_slug)?.parse().unwrap();
        let material = match reader.varint(32)? {
            0 => {
                let tokens = TokenSubkeys { access: reader.subkey()?, bearer: reader.subkey()? };
                KeyMaterial::Verifying(tokens, reader.session_subkeys()?)
            }
            1 => KeyMaterial::Retired(reader.session_subkeys()?),
            2 => KeyMaterial::Revoked,
            _ => return None,
        };
        keys.push(PublishedKey { id, tenant, material });
    }
    reader.0.is_empty().then_some(KeyringDocument { version, max_lifetime_ms, keys })
}

struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn subkey(&mut self) -> Option<Secret32> {
        Some(Secret32::new(self.take(32)?.try_into().ok()?))
    }

    fn session_subkeys(&mut self) -> Option<SessionSubkeys> {
        Some(SessionSubkeys { csrf: self.subkey()?, refresh_filter: self.subkey()? })
    }

    /// Only the shortest spelling: a last byte of zero adds nothing, so it must be the only one.
    fn varint(&mut self, bits: u32) -> Option<u64> {
        let (mut number, mut shift) = (0_u128, 0);
        loop {
            let byte = self.take(1)?[0];
            number |= u128::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                let shortest = byte != 0 || shift == 0;
                return u64::try_from(number).ok().filter(|_| shortest && number >> bits == 0);
            }
            shift += 7;
            if shift > 63 {
                return None;
            }
        }
    }

    fn text(&mut self, is_valid: fn(&str) -> bool) -> Option<String> {
        let length = usize::try_from(self.varint(64)?).ok()?;
        let text = std::str::from_utf8(self.take(length)?).ok()?;
        is_valid(text).then(|| text.to_owned())
    }

    fn id(&mut self, is_valid: fn(&str) -> bool) -> Option<String> {
        match self.varint(32)? {
            0 => Some(uuid_text(self.take(16)?)),
            1 => self.text(is_valid).filter(|text| !is_uuid(text)),
            _ => None,
        }
    }
}

fn uuid_text(bytes: &[u8]) -> String {
    let mut text = String::new();
    for (position, byte) in bytes.iter().enumerate() {
        if matches!(position, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.extend([byte >> 4, byte & 15].map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])));
    }
    text
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(position, byte)| match position {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
}

fn is_slug(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn is_actor_type(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'))
}

fn is_actor_id(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|byte| matches!(byte, 0x21..=0x7E))
}

fn is_role(text: &str) -> bool {
    let allowed = |byte| matches!(byte, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b':' | b'-');
    (1..=32).contains(&text.len()) && text.bytes().all(allowed)
}
