//! `sealgate edges list`.

use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use crate::cli::table::Table;
use crate::cli::when::{describe_day, describe_day_if_any};
use crate::cli::{CliError, Out, join};
use crate::iso8601;
use crate::office::Office;
use crate::store::EdgeSummary;

/// Show the edges and the tenants each serves
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    sealgate edges list\n  \
    sealgate edges list --all --json")]
pub(in crate::cli) struct List {
    /// The revoked ones too
    #[arg(long)]
    all: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let mut edges = office.store().list_edges().await?;
        edges.retain(|edge| self.all || edge.revoked_at.is_none());
        if self.json {
            let edges: Vec<Value> = edges.iter().map(describe).collect();
            writeln!(out, "{}", json!({ "edges": edges }))?;
        } else if edges.is_empty() {
            writeln!(out, "There is no edge; `sealgate edges create ID --tenant TENANT` makes one.")?;
        } else {
            let mut table = Table::new(["edge", "created", "revoked", "rotation", "tenants"]);
            for edge in edges {
                let (created, revoked) = (describe_day(edge.created_at), describe_day_if_any(edge.revoked_at));
                let rotation = if edge.rotating { "under way" } else { "" };
                table.add([edge.id.to_string(), created, revoked, rotation.to_owned(), join(&edge.tenants)]);
            }
            table.print(out)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn describe(edge: &EdgeSummary) -> Value {
    json!({
        "id": edge.id.as_str(),
        "tenants": edge.tenants,
        "created_at": iso8601::format(edge.created_at),
        "revoked_at": edge.revoked_at.map(iso8601::format),
        "rotating": edge.rotating,
    })
}
