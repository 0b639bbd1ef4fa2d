//! What must hold for whatever a stranger sends. Each module has one `check`, which panics when a property
//! is broken; the binaries in `fuzz_targets` hand it what libFuzzer comes up with.
//!
//! Inputs are plain bytes or text rather than structures, so that the test vectors are seeds as they are
//! (`seeds.py`), and a corpus can be read. Where a random change would only ever break a MAC, a short mark
//! stands for the real thing: a whole token, or the right MAC.
#![forbid(unsafe_code)]

pub mod claims;
pub mod cookie_header;
mod envelope;
pub mod feed;
pub mod keyring;
pub mod path;
mod reference;
pub mod refresh;
pub mod token;
mod world;
