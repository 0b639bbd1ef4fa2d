//! How an edge's proof is kept: as its hash, so that a request is checked without unsealing anything.

use sealgate_shared::secret::Secret32;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// SHA-256 of the edge's `auth` key.
pub fn hash_edge_auth(auth: &Secret32) -> [u8; 32] {
    Sha256::digest(auth.expose()).into()
}

/// Whether `hash` is the hash of this proof, compared in constant time.
pub fn is_hash_of_edge_auth(hash: &[u8], auth: &Secret32) -> bool {
    hash_edge_auth(auth).ct_eq(hash).into()
}
