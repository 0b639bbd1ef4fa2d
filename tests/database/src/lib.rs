//! A database of its own for each test, of either engine.
//!
//! `PostgreSQL` is one server for the whole test process, started when the first test asks for it and gone when the
//! process is; `server.sh` beside this folder sees to that. Tests that stop a server start one of their own.
#![expect(clippy::missing_panics_doc, reason = "the kit panics wherever a test cannot go on")]

mod database;
mod leash;
mod postgres;
mod programs;

pub use database::{Engine, TestDatabase};
pub use postgres::{Database, Postgres};
