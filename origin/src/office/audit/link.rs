//! How the rows of the audit table are linked.
//!
//! The first link is 32 zero bytes at position 0. Each further one is
//!
//! ```text
//! HMAC-SHA256(key, label | link before | position | id | at | tenant | event | session | actor_type | actor_id | detail)
//! ```
//!
//! - `label` is the 21 bytes `sealgate audit row 1` and a zero byte;
//! - `position` counts the links from 1 on, `id` is the row's own number: 8 bytes each, big-endian;
//! - `at` is ISO 8601 UTC with milliseconds (`2026-01-02T03:04:05.678Z`), as `SQLite` stores it, also on `PostgreSQL`;
//! - `at`, `tenant`, `event` and what follows are each a byte 0 where there is nothing, and otherwise a byte 1, the number
//!   of bytes (4 bytes, big-endian) and the bytes, UTF-8.
//!
//! So two different rows are never the same bytes, and a chain made on one database verifies on the other. The key is 32
//! random bytes, sealed in the database under the key-encryption key. It also seals the newest link and the checkpoint:
//! `HMAC-SHA256(key, label | position | link)` with labels of their own.

use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sealgate_shared::secret::Secret32;
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::store::{AuditRecord, StoredLink};

/// How many bytes of a link are told outside: enough that nobody finds another with the same.
const TOLD: usize = 16;

/// What the links are made with.
#[derive(Debug)]
pub(super) struct AuditKey(Secret32);

/// A place in the chain: all that is before it hangs together by this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    pub position: u64,
    pub mac: [u8; 32],
}

/// What a seal says about a link.
#[derive(Clone, Copy, Debug)]
pub(super) enum SealOf {
    /// It is the newest.
    Head,
    /// The rows up to it were deleted.
    Checkpoint,
}

impl SealOf {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Head => b"sealgate audit head 1\0",
            Self::Checkpoint => b"sealgate audit checkpoint 1\0",
        }
    }
}

impl Link {
    /// Where the chain begins.
    pub const START: Self = Self { position: 0, mac: [0; 32] };

    /// Whether it is the link that the row has.
    pub(super) fn is_of(&self, row: &AuditRecord) -> bool {
        row.position == Some(self.stored_position()) && self.is_mac_of(row)
    }

    /// Whether it is, wherever the row stands.
    pub(super) fn is_mac_of(&self, row: &AuditRecord) -> bool {
        row.mac.as_deref() == Some(self.mac.as_slice())
    }

    /// The position in the database's own numbers.
    pub(super) fn stored_position(&self) -> i64 {
        i64::try_from(self.position).unwrap_or(i64::MAX)
    }
}

impl AuditKey {
    pub(super) const fn new(secret: Secret32) -> Self {
        Self(secret)
    }

    /// The link that follows `before` by this row.
    pub(super) fn link(&self, before: &Link, row: &AuditRecord) -> Link {
        self.link_at(before, before.position.saturating_add(1), row)
    }

    /// The link of this row at some position behind `before`.
    pub(super) fn link_at(&self, before: &Link, position: u64, row: &AuditRecord) -> Link {
        let mut mac = self.mac(b"sealgate audit row 1\0");
        mac.update(&before.mac);
        mac.update(&position.to_be_bytes());
        mac.update(&row.id.to_be_bytes());
        for text in [Some(&row.at), Some(&row.tenant), Some(&row.event)] {
            add(&mut mac, text);
        }
        for text in [&row.session, &row.actor_type, &row.actor_id, &row.detail] {
            add(&mut mac, text.as_ref());
        }
        Link { position, mac: mac.finalize().into_bytes().into() }
    }

    /// The link with its seal, for storing it.
    pub(super) fn seal(&self, what: SealOf, link: &Link) -> StoredLink {
        StoredLink { position: link.stored_position(), mac: link.mac.to_vec(), seal: self.seal_of(what, link).to_vec() }
    }

    /// The link, if that is its seal.
    pub(super) fn open(&self, what: SealOf, stored: &StoredLink) -> Option<Link> {
        let mac = stored.mac.as_slice().try_into().ok()?;
        let link = Link { position: u64::try_from(stored.position).ok()?, mac };
        bool::from(self.seal_of(what, &link).as_slice().ct_eq(&stored.seal)).then_some(link)
    }

    fn seal_of(&self, what: SealOf, link: &Link) -> [u8; 32] {
        let mac = self.mac(what.label()).chain_update(link.position.to_be_bytes()).chain_update(link.mac);
        mac.finalize().into_bytes().into()
    }

    fn mac(&self, label: &[u8]) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new_from_slice(self.0.expose()).expect("HMAC takes keys of every length");
        mac.chain_update(label)
    }
}

fn add(mac: &mut Hmac<Sha256>, text: Option<&Vec<u8>>) {
    let Some(text) = text else { return mac.update(&[0]) };
    mac.update(&[1]);
    mac.update(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
    mac.update(text);
}

/// What is told of a link: in the log, and to `sealgate audit verify --head`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldLink {
    pub position: u64,
    /// The first bytes of the link.
    mac: [u8; TOLD],
}

/// A text that tells of no link.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("has the form POSITION:MAC, as in the log: a number, a colon and 32 hexadecimal digits")]
pub struct NotTold;

impl ToldLink {
    /// Whether it tells of this link.
    pub fn is(&self, link: &Link) -> bool {
        *self == Self::from(link)
    }
}

impl From<&Link> for ToldLink {
    fn from(link: &Link) -> Self {
        let mut mac = [0; TOLD];
        mac.copy_from_slice(&link.mac[..TOLD]);
        Self { position: link.position, mac }
    }
}

impl FromStr for ToldLink {
    type Err = NotTold;

    fn from_str(text: &str) -> Result<Self, NotTold> {
        let (position, mac) = text.split_once(':').ok_or(NotTold)?;
        let mut bytes = [0; TOLD];
        hex::decode_to_slice(mac, &mut bytes).map_err(|_| NotTold)?;
        Ok(Self { position: position.parse().map_err(|_| NotTold)?, mac: bytes })
    }
}

impl fmt::Display for ToldLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.position, hex::encode(self.mac))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> AuditKey {
        AuditKey::new(Secret32::new([7; 32]))
    }

    fn row() -> AuditRecord {
        AuditRecord {
            id: 7,
            at: b"2026-01-02T03:04:05.678Z".to_vec(),
            tenant: b"demo".to_vec(),
            event: b"session.created".to_vec(),
            session: Some(b"ses-AAAAAAAAAAAAAAAAAAAAAA".to_vec()),
            actor_type: Some(b"user".to_vec()),
            actor_id: Some(b"ada".to_vec()),
            detail: None,
            position: None,
            mac: None,
        }
    }

    #[test]
    fn links_are_what_they_always_were() {
        // Worked out by Python's `hmac`, from the description above.
        let first = key().link(&Link::START, &row());
        assert_eq!(ToldLink::from(&first).to_string(), "1:972fdce3e6382f7863253521134118f5");
        let second = key().link(&first, &row());
        assert_eq!(ToldLink::from(&second).to_string(), "2:a538b23d35f1b9def939c62155730f00");
    }

    #[test]
    fn every_part_of_a_row_shows_in_its_link() {
        let text = || Some(b"x".to_vec());
        let changed = [
            AuditRecord { id: 8, ..row() },
            AuditRecord { at: b"2026-01-02T03:04:05.679Z".to_vec(), ..row() },
            AuditRecord { tenant: b"other".to_vec(), ..row() },
            AuditRecord { event: b"session.revoked".to_vec(), ..row() },
            AuditRecord { session: None, ..row() },
            AuditRecord { actor_type: text(), ..row() },
            AuditRecord { actor_id: text(), ..row() },
            AuditRecord { detail: text(), ..row() },
            AuditRecord { detail: Some(Vec::new()), ..row() },
            // The same letters with the border between them moved.
            AuditRecord { tenant: b"demos".to_vec(), event: b"ession.created".to_vec(), ..row() },
            AuditRecord { actor_id: None, detail: Some(b"ada".to_vec()), ..row() },
        ];
        let link = key().link(&Link::START, &row());
        for row in changed {
            assert_ne!(key().link(&Link::START, &row), link, "{row:?}");
        }
        assert_ne!(key().link(&link, &row()).mac, link.mac, "the link before");
        assert_ne!(key().link_at(&Link::START, 2, &row()).mac, link.mac, "the position");
        assert_ne!(AuditKey::new(Secret32::new([8; 32])).link(&Link::START, &row()), link, "the key");
        // Where it was found says nothing about what it is.
        assert_eq!(key().link(&Link::START, &AuditRecord { position: Some(9), ..row() }), link);
    }

    #[test]
    fn a_seal_is_of_one_link_and_says_one_thing() {
        let link = key().link(&Link::START, &row());
        let sealed = key().seal(SealOf::Head, &link);
        assert_eq!(key().open(SealOf::Head, &sealed), Some(link));
        assert_eq!(key().open(SealOf::Checkpoint, &sealed), None);
        for bent in [
            StoredLink { position: 2, ..sealed.clone() },
            StoredLink { position: -1, ..sealed.clone() },
            StoredLink { mac: vec![0; 32], ..sealed.clone() },
            StoredLink { mac: vec![0; 31], ..sealed.clone() },
            StoredLink { seal: vec![0; 32], ..sealed.clone() },
            StoredLink { seal: Vec::new(), ..sealed.clone() },
        ] {
            assert_eq!(key().open(SealOf::Head, &bent), None, "{bent:?}");
        }
    }

    #[test]
    fn what_is_told_of_a_link_can_be_read_again() {
        let link = key().link(&Link::START, &row());
        let told: ToldLink = ToldLink::from(&link).to_string().parse().unwrap();
        assert!(told.is(&link) && !told.is(&Link::START));
        for odd in ["", "1", "1:", ":00", "x:00000000000000000000000000000000", "1:0000000000000000000000000000000"] {
            assert!(odd.parse::<ToldLink>().is_err(), "{odd}");
        }
    }
}
