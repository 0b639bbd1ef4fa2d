//! Cookies (RFC 6265bis): finding ours in a `Cookie` header, and writing `Set-Cookie` lines.

mod name;
mod read;
mod select;
mod write;

pub use name::{CookieName, CookieNames};
pub use read::{only_ours, pairs, values_of, without_ours};
pub use select::{MAX_MACS, Selection, select};
pub use write::{clear, set};
