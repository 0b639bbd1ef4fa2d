//! What is known of those who call: edges, and backends by their service tokens.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, PoisonError, RwLock};

use sealgate_shared::edge::EdgeSecret;
use sealgate_shared::id::EdgeId;

use super::Memory;
use crate::office::{Office, OfficeError};
use crate::store::{EdgeRow, ServiceTokenRow, StoreResult};

/// Rows as of one version of what is known of callers. Only rows that are there are kept, so that invented names take
/// no room.
#[derive(Debug, Default)]
pub(super) struct Callers {
    edges: Rows<EdgeId, EdgeRow>,
    service_tokens: Rows<String, ServiceTokenRow>,
    /// Unsealed, by the edge and the hash of the proof that is made with it.
    edge_secrets: Rows<(EdgeId, [u8; 32]), EdgeSecret>,
}

/// Rows by their ids, with the version they are as of.
#[derive(Debug)]
struct Rows<K, V>(RwLock<HashMap<K, (u64, Arc<V>)>>);

impl<K, V> Default for Rows<K, V> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<K: Eq + Hash, V> Rows<K, V> {
    /// The row, if it was read under this very version; otherwise it is `read`, and remembered. Without a version
    /// nothing is known of what has changed, and nothing is remembered.
    async fn find<Q, E>(
        &self,
        id: &Q,
        version: Option<u64>,
        read: impl Future<Output = Result<Option<V>, E>>,
    ) -> Result<Option<Arc<V>>, E>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ToOwned<Owned = K> + ?Sized,
    {
        if let Some(row) = version.and_then(|version| self.get(id, version)) {
            return Ok(Some(row));
        }
        let row = read.await?.map(Arc::new);
        if let (Some(version), Some(row)) = (version, &row) {
            self.put(id.to_owned(), version, Arc::clone(row));
        }
        Ok(row)
    }

    fn get<Q>(&self, id: &Q, version: u64) -> Option<Arc<V>>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let rows = self.0.read().unwrap_or_else(PoisonError::into_inner);
        rows.get(id).filter(|(read_at, _)| *read_at == version).map(|(_, row)| Arc::clone(row))
    }

    /// Remembers a row. `version` was read before it: should it have changed since, the version has moved, too.
    fn put(&self, id: K, version: u64, row: Arc<V>) {
        let mut rows = self.0.write().unwrap_or_else(PoisonError::into_inner);
        rows.retain(|_, (read_at, _)| *read_at == version);
        rows.insert(id, (version, row));
    }
}

impl Office {
    /// The edge of that id, unless it was revoked.
    pub async fn edge(&self, id: &EdgeId) -> StoreResult<Option<Arc<EdgeRow>>> {
        let version = self.memory.callers_version();
        self.memory.callers.edges.find(id, version, self.store.edge(id)).await
    }

    /// The service token of that public id, unless it was revoked.
    pub async fn service_token(&self, public_id: &str) -> StoreResult<Option<Arc<ServiceTokenRow>>> {
        let version = self.memory.callers_version();
        self.memory.callers.service_tokens.find(public_id, version, self.store.service_token(public_id)).await
    }
}

impl Office {
    /// The secret of the edge that a proof with this hash was made with.
    pub(in crate::office) async fn edge_secret_of(
        &self,
        edge: &EdgeId,
        proof: &[u8; 32],
    ) -> Result<Arc<EdgeSecret>, OfficeError> {
        let version = self.memory.callers_version();
        let read = async { self.unseal_edge_secret_of(edge, proof).await.map(|secret| Some(EdgeSecret::new(secret))) };
        let found = self.memory.callers.edge_secrets.find(&(edge.clone(), *proof), version, read).await?;
        found.ok_or_else(|| OfficeError::EdgeNotFound(edge.clone()))
    }
}

impl Memory {
    /// The version of what is known of callers, while that is known.
    fn callers_version(&self) -> Option<u64> {
        self.standing().map(|(standing, _)| standing.credentials)
    }
}
