//! The origin: mints sessions, owns the database, answers edges, backends and people.
//!
//! Follow one request: [`app::App`] puts everything together; `http::private` and `http::public` list the
//! routes; a route's file takes apart what was asked, [`office::Office`] does it, and [`store::Store`] keeps
//! it. [`vault::Vault`] seals what must not be readable at rest, and [`clock::Clock`] is the only one that
//! knows the time.

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod credential;
pub mod dev;
pub mod host_name;
mod housekeeper;
mod http;
pub mod ip_network;
pub mod iso8601;
pub mod limit;
pub mod office;
pub mod oidc;
pub mod outbound;
mod random;
pub mod session;
pub mod store;
pub mod vault;
