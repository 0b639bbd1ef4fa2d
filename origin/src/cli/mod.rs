//! The `sealgate` command: one file for each thing it does.

mod audit;
mod breakglass;
mod completions;
mod db;
mod doctor;
mod edges;
mod error;
mod inspect;
mod keys;
mod migrate;
mod mint;
mod oidc;
mod serve;
mod sessions;
mod table;
mod tenants;
mod tokens;
mod when;

use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use error::CliError;
use error::{REFUSED, TABLE, name_existing};

use crate::app::open_office;
use crate::clock::Clock;
use crate::config::{Config, ServeFlags, SharedFlags};
use crate::outbound::Outbound;

/// Where answers go. Log lines and errors go to standard error.
type Out<'a> = &'a mut (dyn Write + Send);

const EXAMPLES: &str = "Examples:\n  \
    sealgate serve --mode dev\n  \
    sealgate tenants create shop\n  \
    sealgate sessions list --tenant shop --actor-id ada\n  \
    sealgate inspect v1.…";

/// Sessions, minted at the origin and checked at the edge.
#[derive(Debug, Parser)]
#[command(name = "sealgate", version, arg_required_else_help = true, after_help = format!("{TABLE}\n\n{EXAMPLES}"))]
pub struct Cli {
    #[command(flatten)]
    shared: SharedFlags,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the origin
    Serve(Box<serve::Serve>),
    /// Bring the database up to date, or say what it lacks
    Migrate(migrate::Migrate),
    /// Make a session, straight in the database, and print its cookies or tokens
    Mint(mint::Mint),
    /// Show what a cookie says and whether it would be refused, and why
    Inspect(inspect::Inspect),
    /// Sessions: list, show, revoke
    #[command(subcommand)]
    Sessions(sessions::Sessions),
    /// Service tokens: what backends show to mint, read and revoke sessions
    #[command(subcommand)]
    Tokens(tokens::Tokens),
    /// Signing keys
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Tenants: whose sessions they are
    #[command(subcommand)]
    Tenants(tenants::Tenants),
    /// Sign-in by other services (OpenID Connect): what they are, and whether they work
    #[command(subcommand)]
    Oidc(oidc::Oidc),
    /// Edges: the Workers in front of the sites
    #[command(subcommand)]
    Edges(edges::Edges),
    /// Passwords of operators, for when nothing else works: set, list, remove, unlock
    #[command(subcommand, name = "breakglass")]
    BreakGlass(breakglass::BreakGlass),
    /// What was written down: sign-ins, revocations, changes of keys, tenants and credentials
    #[command(subcommand)]
    Audit(audit::Audit),
    /// The database: backups
    #[command(subcommand)]
    Db(db::Db),
    /// Look for what is wrong with this installation, and say what to do
    Doctor(doctor::Doctor),
    /// Print a script that completes commands and flags in a shell
    Completions(completions::Completions),
}

impl Cli {
    /// Carries out what needs no configuration; whether it was such a command.
    pub fn run_unconfigured(&self, out: &mut (dyn Write + Send)) -> Result<bool, CliError> {
        match &self.command {
            Command::Completions(completions) => completions.run(out).map(|()| true),
            _ => Ok(false),
        }
    }

    /// Reads the configuration the command runs under.
    pub fn load_config(&self) -> Result<Config, CliError> {
        let none = ServeFlags::default();
        let serve = match &self.command {
            Command::Serve(serve) => &serve.flags,
            _ => &none,
        };
        Ok(Config::load(&self.shared, serve, std::env::vars_os())?)
    }

    /// What to do when there is no configuration to run under: the doctor says it in its report, everything else
    /// ends here.
    pub fn refuse_config(&self, error: CliError, out: &mut (dyn Write + Send)) -> Result<ExitCode, CliError> {
        match (&self.command, error) {
            (Command::Doctor(doctor), CliError::Config(error)) => doctor.report_config(&error, out),
            (_, error) => Err(error),
        }
    }

    /// Carries the command out. What it answers goes to `out`; log lines go to standard error.
    pub async fn run(self, config: Config, out: &mut (dyn Write + Send)) -> Result<ExitCode, CliError> {
        let clock = Clock::system();
        match &self.command {
            Command::Serve(_) => return serve::run(&config, clock).await,
            Command::Migrate(migrate) => return migrate.run(&config, out).await,
            Command::Doctor(doctor) => return doctor.run(&config, clock, out).await,
            _ => {}
        }
        let office = open_office(&config, clock).await?;
        let done = match self.command {
            Command::Serve(_) | Command::Migrate(_) | Command::Doctor(_) | Command::Completions(_) => {
                Ok(ExitCode::SUCCESS)
            }
            Command::Mint(mint) => mint.run(&office, out).await,
            Command::Inspect(inspect) => inspect.run(&office, out).await,
            Command::Sessions(sessions) => sessions.run(&office, out).await,
            Command::Tokens(tokens) => tokens.run(&office, out).await,
            Command::Keys(keys) => keys.run(&office, config.housekeeping.key_rotation, out).await,
            Command::Tenants(tenants) => tenants.run(&office, out).await,
            Command::Oidc(oidc) => oidc.run(&office, &Outbound::new(config.outbound), out).await,
            Command::Edges(edges) => edges.run(&office, out).await,
            Command::BreakGlass(breakglass) => breakglass.run(&office, out).await,
            Command::Audit(audit) => audit.run(&office, out).await,
            Command::Db(db) => db.run(&office, out).await,
        };
        office.store().close().await;
        done
    }
}

fn join(items: &[impl Display]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
