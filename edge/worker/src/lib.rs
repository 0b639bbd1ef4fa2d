//! The Worker around the door (`sealgate-edge`): what the entry module calls, and the requests that need waiting.
//!
//! A crate of its own, since the linker optimises across crates only what is built in no other form. On other machines
//! than WebAssembly's it is empty.
#![cfg(target_arch = "wasm32")]
#![warn(missing_docs)]
// Whatever a stranger sends reaches this code: it answers with a refusal, it never stops.
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

mod errands;
pub mod gate;
#[cfg(feature = "panic")]
pub mod provoke;
