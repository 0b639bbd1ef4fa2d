//! The names of things: sessions, keys, tenants, actors, roles, edges.
//!
//! Each type can only hold a well-formed value, so that whatever has come through here can stand in a
//! header, a path or a log line as it is.

mod binary;
mod text;

pub use binary::{KeyId, SessionId};
pub use text::{ActorId, ActorType, EdgeId, Role, Roles, TenantId};

/// What is wrong with the text of an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Nothing there.
    #[error("must not be empty")]
    Empty,
    /// Too many characters; carries the limit.
    #[error("must have at most {0} characters")]
    TooLong(usize),
    /// A character outside the type's alphabet; carries the alphabet in words.
    #[error("must consist of {0}")]
    Alphabet(&'static str),
    /// Not the prefix or the length that ids of this kind have; carries the form.
    #[error("must have the form {0}")]
    Form(&'static str),
    /// More roles than an actor may have; carries the limit.
    #[error("must have at most {0} entries")]
    TooMany(usize),
    /// Roles of a token that are not sorted, or not unique.
    #[error("must be sorted and without duplicates")]
    Unsorted,
}
