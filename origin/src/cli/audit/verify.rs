//! `sealgate audit verify`.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use crate::cli::{CliError, Out};
use crate::office::{AuditVerified, Office, ToldLink};

/// Prove that what was written down is as it was, and complete; or name the first row that is not
#[derive(Args, Debug)]
#[command(
    after_help = "Origins link the rows into a chain within seconds, and log how far it goes: `linked the audit table \
    head=1042:9f86d081884c7d659a2feaa0c55ad015`. Who holds a head from a log that others cannot change finds out about a \
    database that was put back or rebuilt, too.\n\n\
    Exit code: 0 when nothing is wrong, 1 when something is.\n\n\
    Examples:\n  \
    sealgate audit verify\n  \
    sealgate audit verify --head 1042:9f86d081884c7d659a2feaa0c55ad015\n  \
    sealgate audit verify --json | jq -r .head"
)]
pub(in crate::cli) struct Verify {
    /// How far the chain went at some time, from a log: it must go there still
    #[arg(long, value_name = "POSITION:MAC")]
    head: Option<ToldLink>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let verified = office.verify_audit(self.head.as_ref()).await?;
        if self.json {
            print_json(&verified, out)?;
        } else {
            print(&verified, out)?;
        }
        Ok(if verified.finding.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn print(verified: &AuditVerified, out: Out<'_>) -> Result<(), CliError> {
    let head = ToldLink::from(&verified.head);
    if let Some(finding) = &verified.finding {
        writeln!(out, "problem  {finding}")?;
    }
    match (verified.finding.is_some(), verified.rows) {
        (false, 0) => writeln!(out, "ok       no row has been linked")?,
        (false, rows) => writeln!(out, "ok       {rows} linked rows are as they were, and complete")?,
        (true, rows) => writeln!(out, "before   {rows} linked rows are as they were")?,
    }
    if verified.checkpoint.position > 0 {
        writeln!(out, "begins   behind {}: what was before was deleted for its age", verified.checkpoint.position)?;
    }
    writeln!(out, "head     {head}")?;
    if verified.unlinked > 0 {
        writeln!(out, "waiting  {} rows have not been linked yet", verified.unlinked)?;
    }
    Ok(())
}

fn print_json(verified: &AuditVerified, out: Out<'_>) -> Result<(), CliError> {
    let report = json!({
        "ok": verified.finding.is_none(),
        "problem": verified.finding.as_ref().map(ToString::to_string),
        "linked": verified.rows,
        "checkpoint": ToldLink::from(&verified.checkpoint).to_string(),
        "head": ToldLink::from(&verified.head).to_string(),
        "waiting": verified.unlinked,
    });
    Ok(writeln!(out, "{report}")?)
}
