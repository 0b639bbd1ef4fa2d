//! Edges' secrets, and changing them while the edge goes on working.

use sealgate_shared::edge::EdgeSecret;
use sealgate_shared::id::EdgeId;
use sealgate_shared::secret::Secret32;

use super::{Office, OfficeError};
use crate::credential::{EdgeSlot, hash_edge_auth};
use crate::random;
use crate::store::{NewEdgeSecret, RotationStart};
use crate::vault::Place;

/// How often to read the second secret again when it was sealed anew in between.
const TRIES: u32 = 8;

impl Office {
    /// Gives an edge a second secret, which is not shown again. Both are accepted until
    /// [`Office::finish_edge_rotation`] or [`Office::cancel_edge_rotation`].
    pub async fn rotate_edge(&self, id: &EdgeId) -> Result<Secret32, OfficeError> {
        let secret = random::draw_secret()?;
        let next = self.seal_edge_secret(id, EdgeSlot::Next, &secret)?;
        let start = self.store.start_edge_rotation(id, &next, self.clock.now()).await?;
        self.notice().await;
        match start {
            RotationStart::Started => Ok(secret),
            RotationStart::UnderWay => Err(OfficeError::EdgeRotating(id.clone())),
            RotationStart::NotFound => Err(OfficeError::EdgeNotFound(id.clone())),
        }
    }

    /// Makes an edge's second secret the only one.
    pub async fn finish_edge_rotation(&self, id: &EdgeId) -> Result<(), OfficeError> {
        for _ in 0..TRIES {
            let held = self.store.edge_secret(id, EdgeSlot::Next).await?;
            let Some(held) = held else { return Err(self.explain_no_rotation(id).await?) };
            let secret = self.vault.open(&edge_place(id, EdgeSlot::Next), &held)?;
            let moved = self.vault.seal(&edge_place(id, EdgeSlot::Current), &secret)?;
            if self.store.finish_edge_rotation(id, &held, &moved, self.clock.now()).await? {
                self.notice().await;
                return Ok(());
            }
        }
        Err(OfficeError::Broken("the edge's second secret changes faster than it can be moved"))
    }

    /// Drops an edge's second secret.
    pub async fn cancel_edge_rotation(&self, id: &EdgeId) -> Result<(), OfficeError> {
        let cancelled = self.store.cancel_edge_rotation(id, self.clock.now()).await?;
        self.notice().await;
        if cancelled { Ok(()) } else { Err(self.explain_no_rotation(id).await?) }
    }

    async fn explain_no_rotation(&self, id: &EdgeId) -> Result<OfficeError, OfficeError> {
        let there = self.store.edge_secret(id, EdgeSlot::Current).await?.is_some();
        Ok(if there { OfficeError::EdgeNotRotating(id.clone()) } else { OfficeError::EdgeNotFound(id.clone()) })
    }

    /// Unseals the secret that an edge has used so far.
    pub async fn unseal_edge_secret(&self, edge: &EdgeId) -> Result<Secret32, OfficeError> {
        let sealed = self.store.edge_secret(edge, EdgeSlot::Current).await?;
        let sealed = sealed.ok_or_else(|| OfficeError::EdgeNotFound(edge.clone()))?;
        Ok(self.vault.open(&edge_place(edge, EdgeSlot::Current), &sealed)?)
    }

    /// Unseals that secret of an edge which a proof with this hash was made with.
    pub(super) async fn unseal_edge_secret_of(&self, edge: &EdgeId, proof: &[u8; 32]) -> Result<Secret32, OfficeError> {
        let found = self.store.edge_secret_of(edge, proof).await?;
        let (slot, sealed) = found.ok_or_else(|| OfficeError::EdgeNotFound(edge.clone()))?;
        Ok(self.vault.open(&edge_place(edge, slot), &sealed)?)
    }

    pub(super) fn seal_edge_secret(
        &self,
        id: &EdgeId,
        slot: EdgeSlot,
        secret: &Secret32,
    ) -> Result<NewEdgeSecret, OfficeError> {
        Ok(NewEdgeSecret {
            sealed: self.vault.seal(&edge_place(id, slot), secret)?,
            auth_hash: hash_edge_auth(&EdgeSecret::new(secret.clone()).auth()),
        })
    }
}

/// Where an edge's secret is stored: an edge may serve several tenants, so it belongs to none.
fn edge_place(id: &EdgeId, slot: EdgeSlot) -> Place<'_> {
    let column = match slot {
        EdgeSlot::Current => "sealed_secret",
        EdgeSlot::Next => "next_sealed_secret",
    };
    Place { table: "edges", column, row: id.as_str(), tenant: None }
}
