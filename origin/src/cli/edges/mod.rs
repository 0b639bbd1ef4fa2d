//! `sealgate edges`.

mod create;
mod list;
mod revoke;
mod rotate;

use std::process::ExitCode;

use clap::Subcommand;

use super::{CliError, Out};
use crate::office::Office;

#[derive(Debug, Subcommand)]
pub(super) enum Edges {
    Create(create::Create),
    List(list::List),
    Revoke(revoke::Revoke),
    Rotate(rotate::Rotate),
}

impl Edges {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        match self {
            Self::Create(create) => create.run(office, out).await,
            Self::List(list) => list.run(office, out).await,
            Self::Revoke(revoke) => revoke.run(office, out).await,
            Self::Rotate(rotate) => rotate.run(office, out).await,
        }
    }
}
