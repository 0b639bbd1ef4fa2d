//! The `sealgate` binary: arguments in, exit code out.

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser as _;
use sealgate_origin::cli::{Cli, CliError};
use sealgate_origin::config::Config;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(code) => code,
        // Whoever read the output has read enough.
        Err(error) if error.downcast_ref().is_some_and(CliError::is_closed_pipe) => ExitCode::SUCCESS,
        Err(error) => {
            let code = error.downcast_ref().map_or(ExitCode::FAILURE, CliError::exit_code);
            // Nobody is left to tell when standard error is closed.
            drop(writeln!(io::stderr(), "sealgate: {error:#}"));
            code
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    if cli.run_unconfigured(&mut io::stdout())? {
        return Ok(ExitCode::SUCCESS);
    }
    let config = match cli.load_config() {
        Ok(config) => config,
        Err(error) => return Ok(cli.refuse_config(error, &mut io::stdout())?),
    };
    start_log(&config)?;
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    Ok(runtime.block_on(cli.run(config, &mut io::stdout()))?)
}

/// Log lines go to standard error: JSON for machines, plain text for developers.
fn start_log(config: &Config) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.log).with_context(|| format!("log: {:?} is not a filter", config.log))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    if config.mode.is_dev() {
        log.with_ansi(io::stderr().is_terminal()).with_target(false).init();
    } else {
        log.json().flatten_event(true).init();
    }
    Ok(())
}
