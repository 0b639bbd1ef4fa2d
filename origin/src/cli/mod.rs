//! The `sealgate` command.

mod create;
mod inspect;
mod keys;
mod mint;
mod serve;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::app::{StartError, open_office};
use crate::clock::Clock;
use crate::config::{Config, ConfigError, ServeFlags, SharedFlags};
use crate::office::OfficeError;

/// Sessions, minted at the origin and checked at the edge.
#[derive(Debug, Parser)]
#[command(
    name = "sealgate",
    version,
    arg_required_else_help = true,
    after_help = "Examples:\n  \
        sealgate serve --mode dev\n  \
        sealgate tenants create shop\n  \
        sealgate inspect v1.…"
)]
pub struct Cli {
    #[command(flatten)]
    shared: SharedFlags,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the origin
    Serve(serve::Serve),
    /// Make a session, straight in the database, and print its cookies
    Mint(mint::Mint),
    /// Show what a cookie says and whether it would be refused, and why
    Inspect(inspect::Inspect),
    /// Tenants: whose sessions they are
    #[command(subcommand)]
    Tenants(create::Tenants),
    /// Edges: the Workers in front of the sites
    #[command(subcommand)]
    Edges(create::Edges),
    /// Service tokens: what backends show to mint, read and revoke sessions
    #[command(subcommand)]
    Tokens(create::Tokens),
    /// Signing keys
    #[command(subcommand)]
    Keys(keys::Keys),
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Office(#[from] OfficeError),
    #[error("there is {0} already")]
    Exists(String),
    #[error("{0}: {1}")]
    Argument(&'static str, String),
    #[error("cannot listen on {0}")]
    Listen(String, #[source] io::Error),
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl CliError {
    /// The exit code that scripts can tell: 2 for what the caller wrote, 1 for what went wrong.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Config(_) | Self::Argument(..) => ExitCode::from(2),
            _ => ExitCode::FAILURE,
        }
    }
}

impl Cli {
    /// Reads the configuration the command runs under.
    pub fn load_config(&self) -> Result<Config, CliError> {
        let none = ServeFlags::default();
        let serve = match &self.command {
            Command::Serve(serve) => &serve.flags,
            _ => &none,
        };
        Ok(Config::load(&self.shared, serve, std::env::vars_os())?)
    }

    /// Carries the command out. What it answers goes to `out`; log lines go to standard error.
    pub async fn run(self, config: Config, out: &mut (dyn Write + Send)) -> Result<ExitCode, CliError> {
        let clock = Clock::system();
        if let Command::Serve(_) = self.command {
            return serve::run(&config, clock).await;
        }
        let office = open_office(&config, clock).await?;
        let done = match self.command {
            Command::Serve(_) => Ok(ExitCode::SUCCESS),
            Command::Mint(mint) => mint.run(&office, out).await,
            Command::Inspect(inspect) => inspect.run(&office, out).await,
            Command::Tenants(tenants) => tenants.run(&office, out).await,
            Command::Edges(edges) => edges.run(&office, out).await,
            Command::Tokens(tokens) => tokens.run(&office, out).await,
            Command::Keys(keys) => keys.run(&office, out).await,
        };
        office.store().close().await;
        done
    }
}
