//! `sealgate keys`.

mod list;
mod rotate;

use std::process::ExitCode;

use clap::Subcommand;

use super::{CliError, Out};
use crate::office::Office;

#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    List(list::List),
    Rotate(rotate::Rotate),
}

impl Keys {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        match self {
            Self::List(list) => list.run(office, out).await,
            Self::Rotate(rotate) => rotate.run(office, out).await,
        }
    }
}
