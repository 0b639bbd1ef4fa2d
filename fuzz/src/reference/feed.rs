//! The feed of docs/FORMAT.md: its documents, and what a set of entries hits when nobody minds how long that takes.

use sealgate_shared::claims::Claims;
use sealgate_shared::id::{KeyId, SessionId};
use sealgate_shared::revocation::{Entry, Head, Position, Revoked};
use sealgate_shared::time::UnixMillis;

use super::{Reader, is_actor_id, is_actor_type, is_slug};

const LAST: u64 = 253_402_300_799_999;

/// A part of a snapshot.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) position: Position,
    pub(crate) making: [u8; 8],
    pub(crate) index: u64,
    pub(crate) is_last: bool,
    pub(crate) entries: Vec<Entry>,
}

pub(crate) fn decode_head(bytes: &[u8]) -> Option<Head> {
    let mut reader = Reader(bytes);
    let challenge = reader.text(|_| true)?;
    let position = reader.position()?;
    let (after, keyring, snapshot) = (reader.varint(64)?, reader.varint(64)?, reader.varint(64)?);
    let head = Head { challenge, position, after, keyring, snapshot, entries: reader.entries()? };
    (reader.0.is_empty() && after <= position.sequence).then_some(head)
}

pub(crate) fn decode_part(bytes: &[u8]) -> Option<Part> {
    let mut reader = Reader(bytes);
    let position = reader.position()?;
    let making = reader.take(8)?.try_into().ok()?;
    let index = reader.varint(32)?;
    let is_last = reader.flag()?;
    // How many there will be: a hint.
    reader.varint(64)?;
    let part = Part { position, making, index, is_last, entries: reader.entries()? };
    reader.0.is_empty().then_some(part)
}

impl Reader<'_> {
    fn position(&mut self) -> Option<Position> {
        Some(Position { epoch: self.varint(64)?, sequence: self.varint(64)? })
    }

    fn flag(&mut self) -> Option<bool> {
        match self.take(1)? {
            [0] => Some(false),
            [1] => Some(true),
            _ => None,
        }
    }

    fn moment(&mut self) -> Option<UnixMillis> {
        UnixMillis::new(self.varint(64).filter(|&ms| ms <= LAST)?)
    }

    fn session(&mut self) -> Option<SessionId> {
        Some(SessionId::new(self.take(16)?.try_into().ok()?))
    }

    fn entries(&mut self) -> Option<Vec<Entry>> {
        let base = u128::from(self.varint(64)?);
        let (mut entries, mut first) = (Vec::new(), None);
        for _ in 0..self.varint(64)? {
            let seconds = base + u128::from(self.varint(64)?);
            first = first.into_iter().chain([seconds]).min();
            let revoked = self.revoked()?;
            let milliseconds = u64::try_from(seconds * 1_000).ok().filter(|&ms| ms < LAST + 1_000)?;
            entries.push(Entry { revoked, expires_at: UnixMillis::new(milliseconds.min(LAST))? });
        }
        (first.unwrap_or(0) == base).then_some(entries)
    }

    fn revoked(&mut self) -> Option<Revoked> {
        Some(match self.varint(32)? {
            0 => Revoked::Session(self.session()?),
            1 => Revoked::Actor {
                tenant: self.text(is_slug)?.parse().unwrap(),
                actor_type: self.text(is_actor_type)?.parse().unwrap(),
                actor_id: self.text(is_actor_id)?.parse().unwrap(),
                except: if self.flag()? { Some(self.session()?) } else { None },
                issued_before: self.moment()?,
            },
            2 => Revoked::Tenant { tenant: self.text(is_slug)?.parse().unwrap(), issued_before: self.moment()? },
            3 => Revoked::Key(KeyId::new(self.take(8)?.try_into().ok()?)),
            _ => return None,
        })
    }
}

/// Whether the entry, by itself, hits a token.
pub(crate) fn is_hit(entry: &Entry, claims: &Claims, kid: KeyId) -> bool {
    match &entry.revoked {
        Revoked::Session(session) => claims.session == *session,
        Revoked::Key(key) => kid == *key,
        Revoked::Tenant { tenant, issued_before } => claims.tenant == *tenant && claims.issued_at < *issued_before,
        Revoked::Actor { tenant, actor_type, actor_id, except, issued_before } => {
            (&claims.tenant, &claims.actor_type, &claims.actor_id) == (tenant, actor_type, actor_id)
                && *except != Some(claims.session)
                && claims.issued_at < *issued_before
        }
    }
}
