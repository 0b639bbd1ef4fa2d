//! The bytes of entries: postcard, canonical form only.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::FeedError;
use super::entry::{Entry, Revoked};
use crate::id::{KeyId, SessionId};
use crate::time::UnixMillis;

/// The last moment that there is, in whole seconds, rounded up as all expiries are.
const LAST_SECOND: u64 = UnixMillis::MAX.as_u64().div_ceil(1_000);

/// Entries, with what they have in common.
#[derive(Serialize, Deserialize)]
pub(super) struct WireEntries<'a> {
    /// Seconds since 1970 of the first expiry; 0 where there is none.
    base: u64,
    #[serde(borrow)]
    entries: Vec<WireEntry<'a>>,
}

#[derive(Serialize, Deserialize)]
struct WireEntry<'a> {
    /// Seconds from `base` to the expiry.
    expires_after: u64,
    #[serde(borrow)]
    revoked: WireRevoked<'a>,
}

/// Postcard writes the variant's position first, as a varint: 0 to 3.
#[derive(Serialize, Deserialize)]
enum WireRevoked<'a> {
    Session([u8; 16]),
    Actor { tenant: &'a str, actor_type: &'a str, actor_id: &'a str, except: Option<[u8; 16]>, issued_before: u64 },
    Tenant { tenant: &'a str, issued_before: u64 },
    Key([u8; 8]),
}

impl<'a> WireEntries<'a> {
    pub(super) fn new(entries: &'a [Entry]) -> Self {
        let seconds = |entry: &Entry| entry.expires_at.as_u64().div_ceil(1_000);
        let base = entries.iter().map(seconds).min().unwrap_or_default();
        let wire = |entry: &'a Entry| WireEntry {
            expires_after: seconds(entry).saturating_sub(base),
            revoked: WireRevoked::new(&entry.revoked),
        };
        Self { base, entries: entries.iter().map(wire).collect() }
    }

    /// The entries, each checked when its turn comes.
    pub(super) fn read(&self) -> Result<impl Iterator<Item = Result<Entry, FeedError>>, FeedError> {
        let first = self.entries.iter().map(|entry| entry.expires_after).min();
        // There is one way to write them: see `new`.
        let is_canonical = first.map_or(self.base == 0, |first| first == 0);
        let read = |entry: &WireEntry<'_>| entry.read(self.base).ok_or(FeedError::Content);
        is_canonical.then(|| self.entries.iter().map(read)).ok_or(FeedError::Content)
    }
}

impl WireEntry<'_> {
    fn read(&self, base: u64) -> Option<Entry> {
        let seconds = base.checked_add(self.expires_after).filter(|seconds| *seconds <= LAST_SECOND)?;
        let expires_at = UnixMillis::new(seconds.checked_mul(1_000)?).unwrap_or(UnixMillis::MAX);
        Some(Entry { revoked: self.revoked.read()?, expires_at })
    }
}

impl<'a> WireRevoked<'a> {
    fn new(revoked: &'a Revoked) -> Self {
        match revoked {
            Revoked::Session(session) => Self::Session(*session.as_bytes()),
            Revoked::Actor { tenant, actor_type, actor_id, except, issued_before } => Self::Actor {
                tenant: tenant.as_str(),
                actor_type: actor_type.as_str(),
                actor_id: actor_id.as_str(),
                except: except.map(|session| *session.as_bytes()),
                issued_before: issued_before.as_u64(),
            },
            Revoked::Tenant { tenant, issued_before } => {
                Self::Tenant { tenant: tenant.as_str(), issued_before: issued_before.as_u64() }
            }
            Revoked::Key(key) => Self::Key(*key.as_bytes()),
        }
    }

    fn read(&self) -> Option<Revoked> {
        Some(match *self {
            Self::Session(session) => Revoked::Session(SessionId::new(session)),
            Self::Actor { tenant, actor_type, actor_id, except, issued_before } => Revoked::Actor {
                tenant: tenant.parse().ok()?,
                actor_type: actor_type.parse().ok()?,
                actor_id: actor_id.parse().ok()?,
                except: except.map(SessionId::new),
                issued_before: UnixMillis::new(issued_before)?,
            },
            Self::Tenant { tenant, issued_before } => {
                Revoked::Tenant { tenant: tenant.parse().ok()?, issued_before: UnixMillis::new(issued_before)? }
            }
            Self::Key(key) => Revoked::Key(KeyId::new(key)),
        })
    }
}

/// Writes a document. Writing to memory does not fail; were it to, an empty document opens nowhere.
pub(super) fn encode(document: &impl Serialize) -> Vec<u8> {
    postcard::to_allocvec(document).unwrap_or_default()
}

/// Reads a document that consists of exactly these bytes.
pub(super) fn decode<'a, T: Serialize + Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, FeedError> {
    let document: T = postcard::from_bytes(bytes).map_err(|_| FeedError::Content)?;
    if encode(&document) == bytes { Ok(document) } else { Err(FeedError::Content) }
}
