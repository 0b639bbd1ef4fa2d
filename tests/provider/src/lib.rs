//! An `OpenID` provider for tests, that signs what it is told. Left alone it behaves well, and checks that the other side
//! does; its [`Plan`] says where it misbehaves.
//!
//! It signs with another implementation (ring) than the one that is under test.
#![expect(clippy::missing_panics_doc, reason = "it panics wherever a test cannot go on")]

mod asked;
mod authorize;
mod draft;
mod hold;
mod key;
mod merge;
mod plan;
mod provider;
mod reply;
mod routes;

pub use asked::{Asked, Endpoint};
pub use authorize::Return;
pub use draft::{Draft, encode};
pub use hold::Held;
pub use key::{Algorithm, Key};
pub use plan::Plan;
pub use provider::{CLIENT_ID, CLIENT_SECRET, Provider};
pub use reply::Reply;
