//! What the operator's machinery asks for.

pub(super) mod healthz;
pub(crate) mod metrics;
pub(super) mod readyz;
