//! One way to run a statement on either database.
//!
//! Statements, arguments and rows are the same on both; which of the two it is, nobody outside this folder asks.

mod bind;
mod link;
mod pool;
mod statement;
mod transaction;

pub(super) use bind::Bind;
pub(super) use pool::Pool;
pub use pool::PoolUse;
pub(super) use statement::Statement;
pub(super) use transaction::Transaction;
