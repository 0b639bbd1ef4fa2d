//! What was revoked: entries, the documents in which an origin tells edges of them, and the set that an edge keeps.
//!
//! Every revocation is an entry with the next number of one sequence. Two kinds of document carry them, each sealed to
//! one edge: a [`Head`] has the entries of the last minute, a [`snapshot`](write_snapshot) all that still matter up to
//! some position. Both are only ever *added* to a [`RevocationSet`]: nothing in them can make a revoked session good.

mod entry;
mod head;
mod position;
mod set;
mod snapshot;
mod wire;

pub use entry::{Entry, Revoked};
pub use head::Head;
pub use position::Position;
pub use set::{RevocationSet, Taken};
pub use snapshot::{NoNonce, SnapshotReader, SnapshotStep, write_snapshot};

use crate::edge::OpenEnvelopeError;

/// Why a document of the feed could not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    /// The envelope does not open.
    #[error(transparent)]
    Envelope(#[from] OpenEnvelopeError),
    /// It opens, but what it holds is not a document of the feed in canonical form.
    #[error("the document is not of this version of the feed")]
    Content,
    /// A part of another snapshot, or not the part that comes next.
    #[error("the parts of the snapshot do not belong together")]
    Sequence,
}
