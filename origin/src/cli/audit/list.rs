//! `sealgate audit list`.

use std::process::ExitCode;

use clap::Args;
use sealgate_shared::id::TenantId;
use serde_json::{Value, json};

use crate::cli::table::Table;
use crate::cli::{CliError, Out};
use crate::iso8601;
use crate::office::Office;
use crate::store::AuditRow;

/// Show what was written down, newest first
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    sealgate audit list\n  \
    sealgate audit list --tenant shop --limit 10\n  \
    sealgate audit list --json | jq '.events[] | select(.event == \"session.reuse\")'")]
pub(in crate::cli) struct List {
    /// Of one tenant, be it there still or not
    #[arg(long)]
    tenant: Option<TenantId>,
    /// How many to show, 1 to 1000
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let rows = office.store().audit(self.tenant.as_ref(), self.limit).await?;
        if self.json {
            let events: Vec<Value> = rows.iter().map(describe).collect();
            writeln!(out, "{}", json!({ "events": events }))?;
        } else if rows.is_empty() {
            writeln!(out, "Nothing was written down.")?;
        } else {
            print(rows, out)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn print(rows: Vec<AuditRow>, out: Out<'_>) -> Result<(), CliError> {
    let mut table = Table::new(["at", "tenant", "event", "session", "actor", "detail"]);
    for row in rows {
        let dash = || "-".to_owned();
        table.add([
            iso8601::format(row.at),
            row.tenant.to_string(),
            row.event,
            row.session.map_or_else(dash, |session| session.to_string()),
            row.actor.map_or_else(dash, |actor| format!("{} {}", actor.kind, actor.id)),
            row.detail.unwrap_or_else(dash),
        ]);
    }
    Ok(table.print(out)?)
}

fn describe(row: &AuditRow) -> Value {
    json!({
        "id": row.id,
        "at": iso8601::format(row.at),
        "tenant": row.tenant,
        "event": row.event,
        "session": row.session,
        "actor_type": row.actor.as_ref().map(|actor| &actor.kind),
        "actor_id": row.actor.as_ref().map(|actor| &actor.id),
        "detail": row.detail,
    })
}
