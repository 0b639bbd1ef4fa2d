//! `sealgate keys`.

mod describe;
mod list;
mod reseal;
mod revoke;
mod rotate;

use std::process::ExitCode;
use std::time::Duration;

use clap::Subcommand;

use super::{CliError, Out};
use crate::office::Office;

#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    List(list::List),
    Revoke(revoke::Revoke),
    Rotate(rotate::Rotate),
    Reseal(reseal::Reseal),
}

impl Keys {
    pub(super) async fn run(
        self,
        office: &Office,
        key_rotation: Option<Duration>,
        out: Out<'_>,
    ) -> Result<ExitCode, CliError> {
        match self {
            Self::List(list) => list.run(office, key_rotation, out).await,
            Self::Revoke(revoke) => revoke.run(office, out).await,
            Self::Rotate(rotate) => rotate.run(office, key_rotation, out).await,
            Self::Reseal(reseal) => reseal.run(office, out).await,
        }
    }
}
