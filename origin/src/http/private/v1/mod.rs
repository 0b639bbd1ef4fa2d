//! What backends and operators ask for, version 1.

pub(super) mod actors;
pub(super) mod dev;
pub(super) mod sessions;
pub(super) mod tenants;
