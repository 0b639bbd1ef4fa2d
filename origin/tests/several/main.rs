//! Several origins on one `PostgreSQL`: what one changes, the others know.

mod clock;
mod processes;
mod revocation;
