//! `sealgate audit`.

mod list;
mod verify;

use std::process::ExitCode;

use clap::Subcommand;

use super::{CliError, Out};
use crate::office::Office;

#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    List(list::List),
    Verify(verify::Verify),
}

impl Audit {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        match self {
            Self::List(list) => list.run(office, out).await,
            Self::Verify(verify) => verify.run(office, out).await,
        }
    }
}
