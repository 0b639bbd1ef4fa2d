//! `sealgate edges revoke`.

use std::process::ExitCode;

use clap::Args;
use sealgate_shared::id::EdgeId;

use crate::cli::{CliError, Out, join};
use crate::iso8601;
use crate::office::Office;

/// Withdraw an edge's credential: the origin answers it nothing from now on
#[derive(Args, Debug)]
#[command(
    after_help = "The edge keeps the verification keys it holds: it goes on checking cookies for a day at most, but \
    cannot ask whether a session is revoked.\n\n\
    Example:\n  sealgate edges revoke frankfurt"
)]
pub(in crate::cli) struct Revoke {
    /// The edge
    id: EdgeId,
}

impl Revoke {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let revoked = office.store().revoke_edge(&self.id, office.now()).await?;
        let edges = office.store().list_edges().await?;
        let Some(edge) = edges.into_iter().find(|edge| edge.id == self.id) else {
            return Err(CliError::NotFound(format!("edge {}", self.id)));
        };
        let tenants = join(&edge.tenants);
        match edge.revoked_at {
            Some(at) if !revoked => {
                writeln!(out, "edge {} (tenants: {tenants}) was revoked already, {}", edge.id, iso8601::format(at))?;
            }
            _ => writeln!(out, "revoked edge {} (tenants: {tenants})", edge.id)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
