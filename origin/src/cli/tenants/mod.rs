//! `sealgate tenants`.

mod create;
mod delete;
mod disable;
mod enable;
mod hosts;
mod list;

use std::process::ExitCode;

use clap::Subcommand;

use super::{CliError, Out};
use crate::office::Office;

#[derive(Debug, Subcommand)]
pub(super) enum Tenants {
    Create(create::Create),
    List(list::List),
    Hosts(hosts::Hosts),
    Disable(disable::Disable),
    Enable(enable::Enable),
    Delete(delete::Delete),
}

impl Tenants {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        match self {
            Self::Create(create) => create.run(office, out).await,
            Self::List(list) => list.run(office, out).await,
            Self::Hosts(hosts) => hosts.run(office, out).await,
            Self::Disable(disable) => disable.run(office, out).await,
            Self::Enable(enable) => enable.run(office, out).await,
            Self::Delete(delete) => delete.run(office, out).await,
        }
    }
}
