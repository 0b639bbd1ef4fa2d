//! Everything of an actor at once.

pub(in crate::http::private) mod revoke_sessions;
