//! The door: decides what becomes of every request to a site.
//!
//! All decisions are pure functions of the request, the clock and what the [`door::Door`] holds, so the
//! host tests them; the Worker around them (`worker`, for wasm32 alone) only carries texts in and out. A
//! request goes `gate` → verdict. Where the door lacks something, the verdict names an errand: the entry
//! module (`entry.mjs`) has it run, hands the bytes to `absorb`, and asks the gate again.
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

pub mod answers;
pub mod assertion;
mod csrf;
pub mod decide;
pub mod door;
pub mod errand;
pub mod feed;
pub mod forward;
pub mod guard;
pub mod refresh;
pub mod refusal;
pub mod renewal;
pub mod request;
mod revocation;
pub mod ring;
pub mod routes;
#[cfg(test)]
mod sample;
pub mod settings;
pub mod sharing;
pub mod sign_in;
pub mod verdict;
