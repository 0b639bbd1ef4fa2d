//! `sealgate tokens list`.

use std::process::ExitCode;

use clap::Args;
use sealgate_shared::id::TenantId;
use serde_json::{Value, json};

use crate::cli::table::Table;
use crate::cli::when::{describe_day, describe_day_if_any};
use crate::cli::{CliError, Out};
use crate::credential::{Scopes, ServiceToken};
use crate::iso8601;
use crate::office::Office;
use crate::store::ServiceTokenSummary;

/// Show service tokens: their public ids, never their secrets
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    sealgate tokens list\n  \
    sealgate tokens list --tenant shop --all --json")]
pub(in crate::cli) struct List {
    /// Only those of this tenant
    #[arg(long)]
    tenant: Option<TenantId>,
    /// The revoked ones too
    #[arg(long)]
    all: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        if let Some(tenant) = &self.tenant {
            office.require_tenant(tenant).await?;
        }
        let mut tokens = office.store().list_service_tokens(self.tenant.as_ref()).await?;
        tokens.retain(|token| self.all || token.revoked_at.is_none());
        if self.json {
            let tokens: Vec<Value> = tokens.iter().map(describe).collect();
            writeln!(out, "{}", json!({ "tokens": tokens }))?;
        } else if tokens.is_empty() {
            writeln!(out, "There is no service token; `sealgate tokens create` makes one.")?;
        } else {
            let mut table = Table::new(["id", "tenant", "name", "created", "revoked", "scopes"]);
            for token in tokens {
                let (created, revoked) = (describe_day(token.created_at), describe_day_if_any(token.revoked_at));
                let scopes = shorten(token.scopes);
                table.add([
                    ServiceToken::show_id(&token.id),
                    token.tenant.map_or_else(|| "(operator)".to_owned(), |tenant| tenant.to_string()),
                    token.name,
                    created,
                    revoked,
                    scopes,
                ]);
            }
            table.print(out)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// All scopes begin alike, and a table is narrow.
fn shorten(scopes: Scopes) -> String {
    if scopes == Scopes::all() { "all".to_owned() } else { scopes.to_string().replace("sessions:", "") }
}

fn describe(token: &ServiceTokenSummary) -> Value {
    json!({
        "id": ServiceToken::show_id(&token.id),
        "tenant": token.tenant,
        "name": token.name,
        "scopes": token.scopes.to_string().split(' ').filter(|scope| !scope.is_empty()).collect::<Vec<_>>(),
        "created_at": iso8601::format(token.created_at),
        "revoked_at": token.revoked_at.map(iso8601::format),
    })
}
