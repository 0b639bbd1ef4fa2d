//! The head of the feed: where the sequence stands, and its last entries.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::wire::{WireEntries, decode, encode};
use super::{Entry, FeedError, Position};
use crate::edge::EdgeSecret;
use crate::id::EdgeId;

/// What the envelope says it holds.
const PURPOSE: &[u8] = b"sealgate/v1/feed/head";

/// Where the sequence stands, and its last entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// What the edge sent along with its question, so that no answer to an earlier one can take the place of this.
    /// Empty in an answer that a cache may hand to many.
    pub challenge: String,
    /// The last entry there is.
    pub position: Position,
    /// The number after which all entries of this edge's tenants are in `entries`.
    pub after: u64,
    /// The version of the keyring: an older one is not to be used.
    pub keyring: u64,
    /// The number up to which the newest snapshot reaches, for whoever lacks entries before `after`.
    pub snapshot: u64,
    /// The entries behind `after`, in the order of the sequence; those of other edges' tenants are left out.
    pub entries: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Wire<'a> {
    challenge: &'a str,
    position: Position,
    after: u64,
    keyring: u64,
    snapshot: u64,
    #[serde(borrow)]
    entries: WireEntries<'a>,
}

impl Head {
    /// Seals the head to one edge. `nonce` must never be used twice under one edge's secret: draw it at random.
    pub fn seal(&self, edge: &EdgeId, secret: &EdgeSecret, nonce: [u8; 12]) -> Vec<u8> {
        let wire = Wire {
            challenge: &self.challenge,
            position: self.position,
            after: self.after,
            keyring: self.keyring,
            snapshot: self.snapshot,
            entries: WireEntries::new(&self.entries),
        };
        secret.seal_envelope(PURPOSE, edge, nonce, &encode(&wire))
    }

    /// Opens a head that was sealed to this edge.
    pub fn open(sealed: &[u8], edge: &EdgeId, secret: &EdgeSecret) -> Result<Self, FeedError> {
        let bytes = secret.open_envelope(PURPOSE, edge, sealed)?;
        let wire: Wire<'_> = decode(&bytes)?;
        let entries = wire.entries.read()?.collect::<Result<_, _>>()?;
        if wire.after > wire.position.sequence {
            return Err(FeedError::Content);
        }
        Ok(Self {
            challenge: wire.challenge.into(),
            position: wire.position,
            after: wire.after,
            keyring: wire.keyring,
            snapshot: wire.snapshot,
            entries,
        })
    }
}
