//! Several origins on one `PostgreSQL`: what one changes, the others know.

mod clock;
mod feed;
mod processes;
mod revocation;
