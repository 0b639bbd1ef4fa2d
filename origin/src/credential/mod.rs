//! What callers show to say who they are: backends a service token, edges a key derived from their secret.

mod hash;
mod scope;
mod service_token;

pub use hash::{hash_edge_auth, is_hash_of_edge_auth};
pub use scope::{Scope, Scopes, UnknownScope};
pub use service_token::ServiceToken;
