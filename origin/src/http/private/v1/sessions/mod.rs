//! Sessions.

pub(in crate::http::private) mod list;
pub(in crate::http::private) mod mint;
pub(in crate::http::private) mod revoke;
pub(in crate::http::private) mod show;
