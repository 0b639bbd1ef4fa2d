//! `sealgate tenants`.

mod create;
mod list;

use std::process::ExitCode;

use clap::Subcommand;

use super::{CliError, Out};
use crate::office::Office;

#[derive(Debug, Subcommand)]
pub(super) enum Tenants {
    Create(create::Create),
    List(list::List),
}

impl Tenants {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        match self {
            Self::Create(create) => create.run(office, out).await,
            Self::List(list) => list.run(office, out).await,
        }
    }
}
