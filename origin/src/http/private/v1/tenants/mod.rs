//! Tenants, for operators.

pub(in crate::http::private) mod create;
pub(in crate::http::private) mod delete;
pub(in crate::http::private) mod disable;
pub(in crate::http::private) mod enable;
pub(in crate::http::private) mod hosts;
pub(in crate::http::private) mod list;
pub(in crate::http::private) mod oidc;
pub(in crate::http::private) mod show;
