//! A kit that starts the whole stack: the real origin on a database of its own, the real Worker in workerd,
//! and an application behind it that tells what reached it. Every story has its own, on ports of the
//! system's choosing, with a clock that the story moves.
#![expect(clippy::missing_panics_doc, reason = "the kit panics wherever a story cannot go on")]

pub mod browser;
pub mod cache;
pub mod crowd;
pub mod edge;
mod jar;
pub mod origin;
pub mod process;
pub mod raw;
pub mod readings;
pub mod recorder;
pub mod relay;
pub mod scale;
pub mod stack;
pub mod steered;
pub mod stub;
pub mod tabs;
pub mod turnstile;
pub mod upstream;
pub mod wait;
