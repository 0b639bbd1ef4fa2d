//! The Worker around the door: what the entry module calls, and the requests that need waiting.

mod errands;
pub mod gate;
#[cfg(feature = "panic")]
pub mod provoke;
