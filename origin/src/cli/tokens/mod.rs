//! `sealgate tokens`.

mod create;
mod list;
mod revoke;

use std::process::ExitCode;

use clap::Subcommand;
use sealgate_shared::id::TenantId;

use super::{CliError, Out};
use crate::office::Office;

#[derive(Debug, Subcommand)]
pub(super) enum Tokens {
    Create(create::Create),
    List(list::List),
    Revoke(revoke::Revoke),
}

impl Tokens {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        match self {
            Self::Create(create) => create.run(office, out).await,
            Self::List(list) => list.run(office, out).await,
            Self::Revoke(revoke) => revoke.run(office, out).await,
        }
    }
}

/// Whom a token speaks for, in a sentence.
fn describe_owner(tenant: Option<&TenantId>) -> String {
    tenant.map_or_else(|| "an operator's".to_owned(), |tenant| format!("tenant {tenant}"))
}
