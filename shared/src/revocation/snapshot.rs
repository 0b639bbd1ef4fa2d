//! A snapshot of the feed: every entry that still matters, up to a position.
//!
//! It is written and read in chunks, each sealed by itself, so that an isolate of little memory never holds all of it
//! twice: `<length, 4 bytes, big-endian> <envelope>`, over and over. Each chunk says of which making of which snapshot
//! it is, which part, and whether it is the last.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::wire::{WireEntries, decode, encode};
use super::{Entry, FeedError, Position, RevocationSet};
use crate::edge::EdgeSecret;
use crate::id::EdgeId;

/// What the envelopes say they hold.
const PURPOSE: &[u8] = b"sealgate/v1/feed/snapshot";

/// The most entries in one chunk: about 20 kB of sessions.
const CHUNK: usize = 1_000;

/// The longest envelope that is read, in bytes: more than a chunk of the longest marks.
const MAX_ENVELOPE: usize = 512 * 1_024;

#[derive(Serialize, Deserialize)]
struct Wire<'a> {
    position: Position,
    /// Drawn for each making: two of one position need not be cut alike.
    making: [u8; 8],
    index: u32,
    is_last: bool,
    /// How many entries there are in all chunks. For making room at once; nothing else depends on it.
    total: u64,
    #[serde(borrow)]
    entries: WireEntries<'a>,
}

/// There was no randomness for a nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no randomness")]
pub struct NoNonce;

/// Writes a snapshot for one edge. `making` is drawn at random for it, and so is every nonce.
pub fn write_snapshot(
    position: Position,
    entries: &[Entry],
    making: [u8; 8],
    (edge, secret): (&EdgeId, &EdgeSecret),
    mut nonce: impl FnMut() -> Result<[u8; 12], NoNonce>,
) -> Result<Vec<u8>, NoNonce> {
    let total = u64::try_from(entries.len()).unwrap_or(u64::MAX);
    let mut chunks = entries.chunks(CHUNK).peekable();
    let mut written = Vec::new();
    let mut index = 0_u32;
    loop {
        let entries = WireEntries::new(chunks.next().unwrap_or_default());
        let is_last = chunks.peek().is_none();
        let bytes = encode(&Wire { position, making, index, is_last, total, entries });
        let envelope = secret.seal_envelope(PURPOSE, edge, nonce()?, &bytes);
        written.extend(u32::try_from(envelope.len()).unwrap_or(u32::MAX).to_be_bytes());
        written.extend(envelope);
        if is_last {
            return Ok(written);
        }
        index = index.saturating_add(1);
    }
}

/// How far the reading of a snapshot has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotStep {
    /// There is more to come.
    More,
    /// That was all.
    Done,
}

/// Reads a snapshot piece by piece, wherever it was cut, into a set.
#[derive(Debug)]
pub struct SnapshotReader {
    position: Position,
    making: Option<[u8; 8]>,
    next: u32,
    /// What has come of a chunk that is not complete.
    buffer: Vec<u8>,
    is_done: bool,
    /// Nothing that comes after an error can make up for it.
    failed: Option<FeedError>,
}

impl SnapshotReader {
    /// For the snapshot of that position, and no other.
    pub const fn new(position: Position) -> Self {
        Self { position, making: None, next: 0, buffer: Vec::new(), is_done: false, failed: None }
    }

    /// The position up to which the snapshot reaches.
    pub const fn position(&self) -> Position {
        self.position
    }

    /// Takes in the next piece. Entries of whole chunks are in the set at once: each is true by itself. That the set
    /// reaches up to the snapshot's position is for the caller to record, when this is done. After an error it comes
    /// to nothing any more: read another from its beginning.
    pub fn read(
        &mut self,
        piece: &[u8],
        reader: (&EdgeId, &EdgeSecret),
        set: &mut RevocationSet,
    ) -> Result<SnapshotStep, FeedError> {
        let step = self.failed.map_or_else(|| self.read_piece(piece, reader, set), Err);
        self.failed = step.err();
        step
    }

    fn read_piece(
        &mut self,
        piece: &[u8],
        (edge, secret): (&EdgeId, &EdgeSecret),
        set: &mut RevocationSet,
    ) -> Result<SnapshotStep, FeedError> {
        self.buffer.extend_from_slice(piece);
        let mut buffer = core::mem::take(&mut self.buffer);
        let mut rest = buffer.as_slice();
        while let Some((length, after)) = rest.split_first_chunk::<4>() {
            let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
            if length > MAX_ENVELOPE || self.is_done {
                return Err(FeedError::Content);
            }
            let Some((envelope, behind)) = after.split_at_checked(length) else { break };
            self.read_chunk(&secret.open_envelope(PURPOSE, edge, envelope)?, set)?;
            rest = behind;
        }
        if self.is_done {
            return if rest.is_empty() { Ok(SnapshotStep::Done) } else { Err(FeedError::Content) };
        }
        let read = buffer.len().saturating_sub(rest.len());
        buffer.drain(..read);
        self.buffer = buffer;
        Ok(SnapshotStep::More)
    }

    fn read_chunk(&mut self, bytes: &[u8], set: &mut RevocationSet) -> Result<(), FeedError> {
        let wire: Wire<'_> = decode(bytes)?;
        let entries: Vec<_> = wire.entries.read()?.collect::<Result<_, _>>()?;
        let belongs = wire.position == self.position && self.making.is_none_or(|making| making == wire.making);
        if !belongs || wire.index != self.next {
            return Err(FeedError::Sequence);
        }
        if self.making.replace(wire.making).is_none() {
            set.make_room(wire.total);
        }
        self.next = self.next.saturating_add(1);
        for entry in entries {
            set.add(entry);
        }
        self.is_done = wire.is_last;
        Ok(())
    }
}
