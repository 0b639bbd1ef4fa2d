//! `sealgate sessions`.

mod list;
mod revoke;
mod show;

use std::process::ExitCode;

use clap::Subcommand;
use sealgate_shared::id::{SessionId, TenantId};

use super::{CliError, Out};
use crate::office::Office;

#[derive(Debug, Subcommand)]
pub(super) enum Sessions {
    List(list::List),
    Show(show::Show),
    Revoke(revoke::Revoke),
}

impl Sessions {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        match self {
            Self::List(list) => list.run(office, out).await,
            Self::Show(show) => show.run(office, out).await,
            Self::Revoke(revoke) => revoke.run(office, out).await,
        }
    }
}

/// The tenant that was given, or else the one the session belongs to: ids are unique in a database.
async fn find_tenant(office: &Office, given: Option<TenantId>, id: SessionId) -> Result<TenantId, CliError> {
    match given {
        Some(tenant) => office.require_tenant(&tenant).await.map(|()| tenant).map_err(CliError::from),
        None => office.store().tenant_of_session(id).await?.ok_or_else(|| not_found(id)),
    }
}

fn not_found(id: SessionId) -> CliError {
    CliError::NotFound(format!("session {id}"))
}
