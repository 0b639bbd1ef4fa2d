//! Where I am signed in.

pub(in crate::http::public) mod end;
pub(in crate::http::public) mod end_all;
pub(in crate::http::public) mod label;
pub(in crate::http::public) mod list;
