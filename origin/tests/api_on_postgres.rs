//! The stories of `api` over again, on a real `PostgreSQL`: the kit asks for the name of this binary.

#[path = "api/main.rs"]
mod api;

pub(crate) use api::{follower, kit};
