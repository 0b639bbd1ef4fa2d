//! `sealgate keys reseal`.

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use crate::cli::{CliError, Out};
use crate::office::{Office, Resealed};

/// Move every sealed secret to the key-encryption key (KEK) that is given first
#[derive(Args, Debug)]
#[command(after_help = "To change the KEK while origins serve:\n  \
    1. Give every origin the new KEK behind the old one: OLD,NEW. All read it, none writes with it yet.\n  \
    2. Give every origin NEW,OLD. What is sealed from now on is sealed under the new one.\n  \
    3. sealgate keys reseal. It may be stopped at any time and run again.\n  \
    4. When sealgate doctor says that nothing is under the old KEK, take it out of the settings. Keep it for as long \
    as you keep backups from before: without it they do not open.\n\n\
    Exit code: 0 when everything is under the first KEK, 1 when something did not open; the rest is moved then, too.\n\n\
    Examples:\n  \
    sealgate keys reseal --dry-run\n  \
    SEALGATE_KEK_FILE=/run/secrets/keks sealgate keys reseal --json | jq .moved")]
pub(in crate::cli) struct Reseal {
    /// Open everything and say what would be moved, and move nothing
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl Reseal {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let done = office.reseal(self.dry_run).await?;
        if self.json {
            self.print_json(office, &done, out)?;
        } else {
            self.print(office, &done, out)?;
        }
        Ok(if done.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn print(&self, office: &Office, done: &Resealed, out: Out<'_>) -> Result<(), CliError> {
        let moved = if self.dry_run { "to move" } else { "moved" };
        writeln!(out, "{moved:<12} {}  to {}", done.moved, office.writing_kek())?;
        writeln!(out, "{:<12} {}", "there before", done.already)?;
        writeln!(out, "{:<12} {}", "do not open", done.failed)?;
        for (kek, count) in &done.missing {
            writeln!(out, "  {count} under the key-encryption key {kek}, which is not given")?;
        }
        for failure in &done.failures {
            writeln!(out, "  {failure}")?;
        }
        Ok(())
    }

    fn print_json(&self, office: &Office, done: &Resealed, out: Out<'_>) -> Result<(), CliError> {
        let missing: BTreeMap<String, u64> =
            done.missing.iter().map(|(kek, count)| (kek.to_string(), *count)).collect();
        let failures: Vec<String> = done.failures.iter().map(ToString::to_string).collect();
        let report = json!({
            "dry_run": self.dry_run,
            "kek": office.writing_kek().to_string(),
            "moved": done.moved,
            "already": done.already,
            "failed": done.failed,
            "missing": missing,
            "failures": failures,
        });
        Ok(writeln!(out, "{report}")?)
    }
}
