//! `sealgate doctor`: looks for what is wrong, and says what to do.

mod ask;
mod audit;
mod breakglass;
mod clock;
mod database;
mod edge;
mod files;
mod keys;
mod listeners;
mod providers;
mod report;
mod secrets;
mod settings;

use std::process::ExitCode;

use clap::Args;
use sealgate_shared::id::TenantId;

use super::{CliError, Out};
use crate::app::open_office_as_is;
use crate::clock::Clock;
use crate::config::{Config, ConfigError};
use crate::office::Office;
use crate::store::Store;
use report::Report;

/// Look for what is wrong with this installation, and say what to do. Changes nothing, but for --mint
#[derive(Args, Debug)]
#[command(after_help = "Exit code: 0 when there is no problem (there may be warnings), 1 when there is one.\n\n\
    Examples:\n  \
    sealgate doctor\n  \
    sealgate doctor --edge https://app.example --mint shop\n  \
    sealgate doctor --json | jq -r '.findings[] | select(.verdict == \"problem\") | .message'")]
pub(super) struct Doctor {
    /// A site behind an edge, to be asked how it is; may be given several times
    #[arg(long = "edge", value_name = "URL", value_parser = parse_site)]
    edges: Vec<String>,
    /// Make a session of this tenant, show it to each --edge, and revoke it again
    #[arg(long, value_name = "TENANT", requires = "edges")]
    mint: Option<TenantId>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl Doctor {
    pub(super) async fn run(&self, config: &Config, clock: Clock, out: Out<'_>) -> Result<ExitCode, CliError> {
        let mut report = Report::default();
        settings::check(config, &mut report);
        files::check(config, &mut report);
        let store = database::check(config, &mut report).await;
        let office = open(config, store, clock.clone(), &mut report).await;
        if let Some(office) = &office {
            secrets::check(office, &mut report).await;
            keys::check(office, &mut report).await;
            audit::check(office, &mut report).await;
            breakglass::check(office, &mut report).await;
            providers::check(office, config, &mut report).await;
        }
        clock::check(office.as_ref(), clock.now(), &mut report).await;
        listeners::check(config, clock.now(), &mut report).await;
        for url in &self.edges {
            edge::check(url, self.mint.as_ref(), office.as_ref(), config, &clock, &mut report).await;
        }
        if let Some(office) = office {
            office.store().close().await;
        }
        self.finish(&report, out)
    }

    /// The report when there is no configuration to look at anything else with.
    pub(super) fn report_config(&self, error: &ConfigError, out: Out<'_>) -> Result<ExitCode, CliError> {
        let mut report = Report::default();
        report.problem("config", error.to_string(), "Correct this setting; nothing else can be looked at before.");
        self.finish(&report, out)
    }

    fn finish(&self, report: &Report, out: Out<'_>) -> Result<ExitCode, CliError> {
        if self.json {
            report.print_json(out)?;
        } else {
            report.print(out)?;
        }
        Ok(if report.is_healthy() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn parse_site(text: &str) -> Result<String, &'static str> {
    let web = text.starts_with("https://") || text.starts_with("http://");
    if web { Ok(text.trim_end_matches('/').to_owned()) } else { Err("must begin with https:// or http://") }
}

/// The office over a sound database; without one, what needs it is skipped.
async fn open(config: &Config, store: Option<Store>, clock: Clock, report: &mut Report) -> Option<Office> {
    let Some(store) = store else {
        for check in ["kek", "keys", "audit", "breakglass", "providers"] {
            report.skipped(check, "there is no sound database to look into");
        }
        return None;
    };
    match open_office_as_is(config, store.clone(), clock) {
        Ok(Some(office)) => return Some(office),
        Ok(None) => report.problem(
            "kek",
            format!("the key-encryption key is gone: there is no {}", config.data_dir.join("kek").display()),
            "Put it back from your backup. Without it nothing that is sealed opens again; in development, remove the \
             data folder and start anew.",
        ),
        Err(error) => report.problem("kek", error.to_string(), "Give the key that this database was made with."),
    }
    for check in ["keys", "audit", "breakglass", "providers"] {
        report.skipped(check, "they do not open without the key-encryption key");
    }
    store.close().await;
    None
}
