//! The contract between sealgate's origin and its edge: the one definition of the cookie format and of
//! its verification.
//!
//! A token is text: `v1.<kid>.<claims>.<mac>`, described byte by byte in `docs/FORMAT.md` and pinned by
//! `tests/vectors/v1.json`. Checking one is a chain of types, so that no step can be left out:
//!
//! ```text
//! Sealed ──authenticate──▶ Authentic ──verify(now)──▶ Verified ──admit(answer)──▶ Live
//!  text     MAC, claims,               not expired,               not revoked
//!           tenant                     not from the future
//! ```
//!
//! The crate has no clock, no randomness, no I/O and no async: time, nonces and keys come in as
//! parameters. It is `no_std` so that the compiler keeps it that way.
#![no_std]
#![warn(missing_docs)]
// Whatever a stranger sends reaches this code: it answers with an error, it never stops.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::todo,
    clippy::unreachable,
    clippy::unwrap_used
)]

extern crate alloc;

mod base64url;
pub mod claims;
pub mod cookie;
pub mod csrf;
pub mod edge;
pub mod id;
pub mod key;
pub mod keyring;
pub mod refresh;
pub mod reject;
pub mod report;
pub mod revocation;
pub mod secret;
pub mod time;
pub mod token;
