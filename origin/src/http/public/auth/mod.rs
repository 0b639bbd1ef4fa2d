//! What a person does with their own sessions.

pub(super) mod account;
pub(super) mod break_glass;
pub(super) mod csrf;
mod farewell;
pub(super) mod login;
pub(super) mod logout;
pub(super) mod oidc;
mod page;
pub(super) mod refresh;
mod return_to;
pub(super) mod session;
pub(super) mod sessions;
mod ways;
mod welcome;
