//! What edges ask for.

pub(super) mod check;
pub(super) mod feed;
pub(super) mod keyring;
pub(super) mod refresh;

mod restored;
