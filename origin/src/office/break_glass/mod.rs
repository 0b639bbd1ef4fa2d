//! Signing in by a password, for operators, when nothing else is left.

mod accounts;
mod guess;
mod hasher;
mod places;

pub use accounts::{BreakGlassSet, SetBreakGlass};
pub use guess::{Guess, GuessRefusal, Guessed};
pub(super) use hasher::Hasher;
