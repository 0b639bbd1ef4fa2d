//! What the demonstration needs, in development only.

pub(in crate::http::private) mod samples;
