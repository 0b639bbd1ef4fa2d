//! What to measure, and for how long.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

/// Mints, refreshes and checks of the origin, beside what limits them
#[derive(Parser, Clone, Debug)]
pub(crate) struct Settings {
    /// The `sealgate` binary to measure
    #[arg(long, default_value = "target/release/sealgate")]
    pub(crate) origin: PathBuf,
    /// Where the results go
    #[arg(long, default_value = "target/bench/origin.json")]
    pub(crate) report: PathBuf,
    /// Length of one measurement
    #[arg(long, env = "BENCH_SECONDS", default_value_t = 0.8)]
    pub(crate) seconds: f64,
    /// How often each measurement is made; medians are quoted
    #[arg(long, env = "BENCH_ROUNDS", default_value_t = 5)]
    pub(crate) rounds: usize,
    /// Numbers of clients, each with a connection of its own and one request under way
    #[arg(long, env = "BENCH_CLIENTS", value_delimiter = ',', default_value = "1,8,32")]
    pub(crate) clients: Vec<usize>,
    #[arg(long, env = "BENCH_DATABASES", value_delimiter = ',', default_value = "sqlite,postgres")]
    pub(crate) databases: Vec<String>,
    /// Only subjects whose name contains this
    #[arg(long, env = "BENCH_ONLY", default_value = "")]
    pub(crate) only: String,
    /// The origin's log filter; the lines go to /dev/null
    #[arg(long, env = "BENCH_LOG", default_value = "info")]
    pub(crate) log: String,
}

impl Settings {
    pub(crate) fn length(&self) -> Duration {
        Duration::from_secs_f64(self.seconds)
    }

    pub(crate) fn most_clients(&self) -> usize {
        self.clients.iter().copied().max().unwrap_or(1)
    }
}
