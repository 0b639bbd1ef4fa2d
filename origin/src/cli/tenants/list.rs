//! `sealgate tenants list`.

use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use crate::cli::table::Table;
use crate::cli::when::describe_day;
use crate::cli::{CliError, Out};
use crate::iso8601;
use crate::office::Office;
use crate::store::TenantSummary;

/// Show every tenant with the number of its live sessions
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    sealgate tenants list\n  \
    sealgate tenants list --json | jq -r '.tenants[].id'")]
pub(in crate::cli) struct List {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let tenants = office.store().list_tenants(office.now()).await?;
        if self.json {
            let tenants: Vec<Value> = tenants.iter().map(describe).collect();
            writeln!(out, "{}", json!({ "tenants": tenants }))?;
        } else if tenants.is_empty() {
            writeln!(out, "There is no tenant yet; `sealgate tenants create ID` makes one.")?;
        } else {
            let mut table = Table::new(["tenant", "created", "live sessions"]);
            for tenant in tenants {
                let created = describe_day(tenant.created_at);
                table.add([tenant.id.to_string(), created, tenant.live_sessions.to_string()]);
            }
            table.print(out)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn describe(tenant: &TenantSummary) -> Value {
    json!({
        "id": tenant.id,
        "created_at": iso8601::format(tenant.created_at),
        "live_sessions": tenant.live_sessions,
    })
}
