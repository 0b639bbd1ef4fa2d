//! How an edge's proof is kept: as its hash, so that a request is checked without unsealing anything.

use sealgate_shared::secret::Secret32;
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};

/// Which of an edge's secrets is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeSlot {
    /// The one in use.
    Current,
    /// The one that is about to take over.
    Next,
}

/// SHA-256 of the edge's `auth` key.
pub fn hash_edge_auth(auth: &Secret32) -> [u8; 32] {
    Sha256::digest(auth.expose()).into()
}

/// Whether the hash of a proof is one of the hashes of an edge. Both are compared, in constant time, whatever the first
/// comparison says.
pub fn is_accepted(proof: &[u8; 32], current: &[u8], next: Option<&[u8]>) -> bool {
    let is_next = next.map_or(Choice::from(0), |next| proof.ct_eq(next));
    (proof.ct_eq(current) | is_next).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proofs_of_two_secrets_are_accepted_and_no_other() {
        let [current, next, other] = [1, 2, 3].map(|byte| hash_edge_auth(&Secret32::new([byte; 32])));
        let ask = |proof| is_accepted(&proof, &current, Some(&next));
        assert_eq!((ask(current), ask(next), ask(other)), (true, true, false));
        assert!(!is_accepted(&next, &current, None));
        assert!(!is_accepted(&current, &current[..31], Some(&[])));
    }
}
