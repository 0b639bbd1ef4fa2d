//! `sealgate migrate`.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::{CliError, Out};
use crate::app::{self, StartError};
use crate::config::Config;
use crate::store::{applied_migrations, known_migrations};

/// Bring the database up to date. Every other command does so too; this one says what it did.
#[derive(Args, Debug)]
#[command(after_help = "Exit code with --check: 0 when nothing is missing, 1 when something is.\n\n\
    Examples:\n  \
    sealgate migrate\n  \
    sealgate migrate --check || echo 'not yet'")]
pub(super) struct Migrate {
    /// Change nothing; only say what is missing
    #[arg(long)]
    check: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl Migrate {
    pub(super) async fn run(&self, config: &Config, out: Out<'_>) -> Result<ExitCode, CliError> {
        let before = if self.check {
            let shown = config.database.to_string();
            applied_migrations(&config.database).await.map_err(|error| StartError::Database(shown, error))?
        } else {
            app::migrate(config).await?
        };
        let lacked: Vec<_> = known_migrations().filter(|(version, _)| !before.contains(version)).collect();
        let word = if self.check { "missing" } else { "applied" };
        if self.json {
            let lacked: Vec<String> = lacked.iter().map(|(version, name)| format!("{version:04}_{name}")).collect();
            writeln!(out, "{}", json!({ "database": config.database.to_string(), word: lacked }))?;
        } else if lacked.is_empty() {
            writeln!(out, "{} has every migration", config.database)?;
        } else {
            for (version, name) in &lacked {
                writeln!(out, "{word}  {version:04}_{name}")?;
            }
        }
        Ok(if self.check && !lacked.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}
