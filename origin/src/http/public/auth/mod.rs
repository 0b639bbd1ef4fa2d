//! What a person does with their own session.

pub(super) mod login;
pub(super) mod logout;
mod return_to;
pub(super) mod session;
