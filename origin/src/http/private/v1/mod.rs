//! What backends ask for, version 1.

pub(super) mod actors;
pub(super) mod dev;
pub(super) mod sessions;
