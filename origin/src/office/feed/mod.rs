//! The revocation feed: what edges are told of the sequence of revocations, sealed to each.
//!
//! The head is made for each question, from memory, after memory has caught up with everything that was committed when
//! the question arrived. The snapshot is read from the database, and kept unsealed for all edges that ask for the same.

mod head;
mod offer;
mod snapshot;

use sealgate_shared::edge::EdgeSecret;
use sealgate_shared::id::{EdgeId, TenantId};

pub use head::HeadRequest;
use offer::Offers;
use snapshot::Snapshots;

use super::{Office, OfficeError};

/// What the office keeps for the feed.
#[derive(Debug, Default)]
pub(super) struct Feed {
    offers: Offers,
    snapshots: Snapshots,
}

/// An edge that proved itself: its id, and the hash of its proof.
#[derive(Clone, Copy, Debug)]
pub struct ProvedEdge<'a> {
    pub id: &'a EdgeId,
    pub proof: &'a [u8; 32],
}

/// An edge that proved itself, and what is sealed to it with.
#[derive(Debug)]
pub struct Reader {
    id: EdgeId,
    secret: EdgeSecret,
}

impl Reader {
    /// The names of the edge and of its secret, as they stand in the addresses of its documents.
    pub fn is_named(&self, edge: &str, seal: &str) -> bool {
        self.id.as_str() == edge && self.secret.seal_id() == seal
    }
}

impl Office {
    /// Whom a document is sealed to.
    pub async fn feed_reader(&self, edge: ProvedEdge<'_>) -> Result<Reader, OfficeError> {
        let secret = self.edge_secret_of(edge.id, edge.proof).await?;
        Ok(Reader { id: edge.id.clone(), secret: (*secret).clone() })
    }

    /// The tenants whose revocations the edge is told of. Read after memory caught up, not with the edge's credential:
    /// an edge that has just come to serve a tenant must not take an answer that lacks it for complete.
    async fn tenants_of(&self, reader: &Reader) -> Result<Vec<TenantId>, OfficeError> {
        let row = self.edge(&reader.id).await?.ok_or_else(|| OfficeError::EdgeNotFound(reader.id.clone()))?;
        Ok(row.tenants.clone())
    }
}
