//! What callers show to say who they are: backends a service token, edges a key derived from their secret, and operators a
//! password when nothing else is left.

mod hash;
mod password;
mod password_hash;
mod scope;
mod service_token;

pub use hash::{EdgeSlot, hash_edge_auth, is_accepted};
pub use password::{BadPassword, Password};
pub(crate) use password_hash::{HashError, NOBODYS, SALT, hash_password, is_password};
pub use scope::{Scope, Scopes, UnknownScope};
pub use service_token::ServiceToken;
