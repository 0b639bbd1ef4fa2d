//! What edges ask for.

pub(super) mod check;
pub(super) mod keyring;
