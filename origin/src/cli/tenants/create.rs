//! `sealgate tenants create`.

use std::process::ExitCode;

use clap::Args;
use sealgate_shared::id::TenantId;

use super::hosts::tidy;
use crate::cli::{CliError, Out, name_existing};
use crate::host_name::HostName;
use crate::office::Office;

/// Make a tenant with its first signing keys
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    sealgate tenants create shop\n  \
    sealgate tenants create shop --host shop.example --host www.shop.example")]
pub(in crate::cli) struct Create {
    /// A slug: a–z, 0–9 and, between them, '-'
    id: TenantId,
    /// A host name of its sites; may be given several times [default: any]
    #[arg(long = "host", value_name = "HOST")]
    hosts: Vec<HostName>,
}

impl Create {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let created = office.create_tenant(&self.id, &tidy(self.hosts)?).await;
        created.map_err(|error| name_existing(error, || format!("a tenant {}", self.id)))?;
        writeln!(out, "{}", self.id)?;
        Ok(ExitCode::SUCCESS)
    }
}
