//! `sealgate oidc list`.

use std::process::ExitCode;

use clap::Args;
use sealgate_shared::id::TenantId;
use serde_json::json;

use crate::cli::table::Table;
use crate::cli::{CliError, Out};
use crate::http::ProviderObject;
use crate::office::Office;

/// Show the OpenID providers of a tenant
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    sealgate oidc list --tenant shop\n  \
    sealgate oidc list --tenant shop --json")]
pub(in crate::cli) struct List {
    /// The tenant
    #[arg(long)]
    tenant: TenantId,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let Self { tenant, json } = self;
        office.require_tenant(&tenant).await?;
        let providers = office.list_oidc_providers(&tenant).await?;
        if json {
            let providers: Vec<ProviderObject> = providers.into_iter().map(ProviderObject::from).collect();
            writeln!(out, "{}", json!({ "providers": providers }))?;
        } else if providers.is_empty() {
            writeln!(out, "There is no provider; `sealgate oidc add --tenant {tenant} ID …` adds one.")?;
        } else {
            let mut table = Table::new(["provider", "state", "kept in", "issuer", "client", "name"]);
            for provider in providers {
                let state = if provider.enabled { "enabled" } else { "disabled" };
                let kept = if provider.managed_by_file { "file" } else { "database" };
                let settings = provider.settings;
                table.add([
                    provider.id.to_string(),
                    state.to_owned(),
                    kept.to_owned(),
                    settings.issuer.to_string(),
                    settings.client_id,
                    settings.name,
                ]);
            }
            table.print(out)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
