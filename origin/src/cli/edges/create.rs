//! `sealgate edges create`.
#![expect(clippy::doc_markdown, reason = "clap prints these comments as they stand")]

use std::process::ExitCode;

use clap::Args;
use sealgate_shared::id::{EdgeId, TenantId};

use crate::cli::{CliError, Out, name_existing};
use crate::office::Office;

/// Make an edge and print its secret, which the Worker gets as SEALGATE_EDGE_SECRET; it is not shown again
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  sealgate edges create frankfurt --tenant shop --tenant blog")]
pub(in crate::cli) struct Create {
    /// A slug: a–z, 0–9 and, between them, '-'
    id: EdgeId,
    /// A tenant the edge serves; may be given several times
    #[arg(long = "tenant", value_name = "TENANT", required = true)]
    tenants: Vec<TenantId>,
}

impl Create {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let Self { id, mut tenants } = self;
        tenants.sort();
        tenants.dedup();
        let created = office.create_edge(&id, &tenants).await;
        let secret = created.map_err(|error| name_existing(error, || format!("an edge {id}")))?;
        writeln!(out, "{}", secret.expose_base64url())?;
        Ok(ExitCode::SUCCESS)
    }
}
