//! `sealgate edges rotate`.

use std::process::ExitCode;

use clap::Args;
use sealgate_shared::id::EdgeId;

use crate::cli::{CliError, Out};
use crate::office::Office;

/// Give an edge a second secret and print it; the edge may use either until the rotation is finished
#[derive(Args, Debug)]
#[command(
    after_help = "Without a flag it begins: give the Worker what it prints as SEALGATE_EDGE_SECRET, and finish when it \
    has it everywhere. It is not shown again.\n\n\
    Examples:\n  \
    sealgate edges rotate frankfurt\n  \
    sealgate edges rotate frankfurt --finish\n  \
    sealgate edges rotate frankfurt --cancel"
)]
pub(in crate::cli) struct Rotate {
    /// The edge
    id: EdgeId,
    /// Accept the second secret alone from now on
    #[arg(long, conflicts_with = "cancel")]
    finish: bool,
    /// Accept the first secret alone from now on
    #[arg(long)]
    cancel: bool,
}

impl Rotate {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let Self { id, finish, cancel } = self;
        if finish {
            office.finish_edge_rotation(&id).await?;
            writeln!(out, "edge {id}: the second secret is the only one now")?;
        } else if cancel {
            office.cancel_edge_rotation(&id).await?;
            writeln!(out, "edge {id}: the second secret is dropped")?;
        } else {
            writeln!(out, "{}", office.rotate_edge(&id).await?.expose_base64url())?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
