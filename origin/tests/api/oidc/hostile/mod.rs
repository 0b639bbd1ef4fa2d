//! A provider that misbehaves in every way we could think of: each is refused with its own reason inside and the same
//! page outside, and leaves neither a sign-in under way nor a session behind.

mod claims;
mod discovery;
mod keys;
mod order;
mod people;
mod responses;
mod signatures;
mod token_endpoint;
mod userinfo;
mod world;

pub(crate) use world::{Case, World};
