//! `sealgate keys list`.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use sealgate_shared::id::TenantId;
use serde_json::{Value, json};

use super::describe::Outlook;
use crate::cli::{CliError, Out};
use crate::office::Office;

/// Show signing keys, how many live sessions each signs, and what comes next
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    sealgate keys list\n  \
    sealgate keys list --tenant shop --json | jq '.keys[] | select(.state == \"retired\")'")]
pub(in crate::cli) struct List {
    /// Only those of this tenant
    #[arg(long)]
    tenant: Option<TenantId>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) async fn run(
        self,
        office: &Office,
        key_rotation: Option<Duration>,
        out: Out<'_>,
    ) -> Result<ExitCode, CliError> {
        let tenants = match self.tenant {
            Some(tenant) => {
                office.require_tenant(&tenant).await?;
                vec![tenant]
            }
            None => office.store().list_tenants(office.now()).await?.into_iter().map(|tenant| tenant.id).collect(),
        };
        let mut keys = Vec::new();
        for tenant in tenants {
            let listed = office.store().list_keys(&tenant, office.now()).await?;
            keys.extend(listed.into_iter().map(|key| (tenant.clone(), key)));
        }
        let outlook = Outlook::read(office, key_rotation).await?;
        if self.json {
            let keys: Vec<Value> = keys.iter().map(|(tenant, key)| outlook.describe(tenant, key)).collect();
            writeln!(out, "{}", json!({ "keys": keys }))?;
        } else if keys.is_empty() {
            writeln!(out, "There is no tenant, and so no key; `sealgate tenants create` makes both.")?;
        } else {
            outlook.print(&keys, out)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
