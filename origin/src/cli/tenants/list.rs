//! `sealgate tenants list`.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use crate::cli::table::Table;
use crate::cli::when::{describe_day, describe_day_if_any};
use crate::cli::{CliError, Out, join};
use crate::http::TenantObject;
use crate::office::Office;

/// Show every tenant with its hosts and the number of its live sessions
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
            let tenants: Vec<TenantObject> = tenants.into_iter().map(TenantObject::from).collect();
            writeln!(out, "{}", json!({ "tenants": tenants }))?;
        } else if tenants.is_empty() {
            writeln!(out, "There is no tenant yet; `sealgate tenants create ID` makes one.")?;
        } else {
            let mut table = Table::new(["tenant", "created", "disabled", "live sessions", "hosts"]);
            for tenant in tenants {
                let (created, disabled) = (describe_day(tenant.created_at), describe_day_if_any(tenant.disabled_at));
                let live = tenant.live_sessions.to_string();
                table.add([tenant.id.to_string(), created, disabled, live, join(&tenant.hosts)]);
            }
            table.print(out)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
