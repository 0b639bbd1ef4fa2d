//! The `sealgate` binary, run as people run it.

mod commands;
mod run;
mod serving;
