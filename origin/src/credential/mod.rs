//! What callers show to say who they are: backends a service token, edges a key derived from their secret.

mod hash;
mod scope;
mod service_token;

pub use hash::{EdgeSlot, hash_edge_auth, is_accepted};
pub use scope::{Scope, Scopes, UnknownScope};
pub use service_token::ServiceToken;
