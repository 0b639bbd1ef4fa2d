//! What the crate promises, tested through its public interface. `vectors.rs` beside this folder holds it
//! to the committed bytes.

mod feed;
mod keyring;
mod kit;
mod no_panic;
mod refresh;
mod revocations;
mod secrets;
mod select;
mod tokens;
