//! What is known of those who call: edges, and backends by their service tokens.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, PoisonError, RwLock};

use sealgate_shared::id::EdgeId;

use crate::store::{EdgeRow, ServiceTokenRow};

/// Rows as of one version of what is known of callers. Only rows that are there are kept, so that invented names take
/// no room.
#[derive(Debug, Default)]
pub(super) struct Callers {
    pub(super) edges: Rows<EdgeId, EdgeRow>,
    pub(super) service_tokens: Rows<String, ServiceTokenRow>,
}

/// Rows by their ids, with the version they are as of.
#[derive(Debug)]
pub(super) struct Rows<K, V>(RwLock<HashMap<K, (u64, Arc<V>)>>);

impl<K, V> Default for Rows<K, V> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<K: Eq + Hash, V> Rows<K, V> {
    /// The row, if it was read under this very version.
    pub(super) fn get<Q>(&self, id: &Q, version: u64) -> Option<Arc<V>>
    where
        K: std::borrow::Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let rows = self.0.read().unwrap_or_else(PoisonError::into_inner);
        rows.get(id).filter(|(read_at, _)| *read_at == version).map(|(_, row)| Arc::clone(row))
    }

    /// Remembers a row. `version` was read before it: should it have changed since, the version has moved, too.
    pub(super) fn put(&self, id: K, version: u64, row: Arc<V>) {
        let mut rows = self.0.write().unwrap_or_else(PoisonError::into_inner);
        rows.retain(|_, (read_at, _)| *read_at == version);
        rows.insert(id, (version, row));
    }
}
