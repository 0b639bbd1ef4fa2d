//! Signing in by `OpenID` Connect.

mod caps;
mod flow;
mod fresh;
mod hostile;
mod notes;
pub(crate) mod page;
mod pre_login;
mod registered_otherwise;
mod return_to;
mod site;
mod tabs;
