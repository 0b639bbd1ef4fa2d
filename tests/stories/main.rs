//! The whole system, put through what users, attackers and failures do to it.

mod application;
mod failures;
mod identity;
mod keys;
mod refusals;
mod sessions;
mod tampering;
mod vectors;
mod wrangler;
