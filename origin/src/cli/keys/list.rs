//! `sealgate keys list`.

use std::process::ExitCode;

use clap::Args;
use sealgate_shared::id::TenantId;
use serde_json::{Value, json};

use crate::cli::table::Table;
use crate::cli::when::{describe_day, describe_day_if_any};
use crate::cli::{CliError, Out};
use crate::iso8601;
use crate::office::Office;
use crate::store::KeySummary;

/// Show a tenant's signing keys, and how many live sessions each signs
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    sealgate keys list --tenant shop\n  \
    sealgate keys list --tenant shop --json | jq '.keys[] | select(.state == \"retired\")'")]
pub(in crate::cli) struct List {
    /// Whose keys
    #[arg(long)]
    tenant: TenantId,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        office.require_tenant(&self.tenant).await?;
        let keys = office.store().list_keys(&self.tenant, office.now()).await?;
        if self.json {
            let keys: Vec<Value> = keys.iter().map(describe).collect();
            writeln!(out, "{}", json!({ "tenant": self.tenant, "keys": keys }))?;
            return Ok(ExitCode::SUCCESS);
        }
        let mut table = Table::new(["key", "state", "created", "activated", "retired", "live sessions"]);
        for key in keys {
            table.add([
                key.id.to_string(),
                key.state.as_str().to_owned(),
                describe_day(key.created_at),
                describe_day_if_any(key.activated_at),
                describe_day_if_any(key.retired_at),
                key.live_sessions.to_string(),
            ]);
        }
        table.print(out)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn describe(key: &KeySummary) -> Value {
    json!({
        "id": key.id.to_string(),
        "state": key.state.as_str(),
        "created_at": iso8601::format(key.created_at),
        "activated_at": key.activated_at.map(iso8601::format),
        "retired_at": key.retired_at.map(iso8601::format),
        "live_sessions": key.live_sessions,
    })
}
