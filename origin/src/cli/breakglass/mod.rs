//! `sealgate breakglass`.

mod list;
mod password;
mod remove;
mod set;
mod unlock;

use std::process::ExitCode;

use clap::Subcommand;
use sealgate_shared::id::{ActorId, TenantId};

use super::{CliError, Out};
use crate::office::Office;

#[derive(Debug, Subcommand)]
pub(super) enum BreakGlass {
    Set(set::Set),
    List(list::List),
    Remove(remove::Remove),
    Unlock(unlock::Unlock),
}

impl BreakGlass {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        match self {
            Self::Set(set) => set.run(office, out).await,
            Self::List(list) => list.run(office, out).await,
            Self::Remove(remove) => remove.run(office, out).await,
            Self::Unlock(unlock) => unlock.run(office, out).await,
        }
    }
}

fn no_account(tenant: &TenantId, account: &ActorId) -> CliError {
    CliError::NotFound(format!("account {account} in tenant {tenant}"))
}

/// How many sessions have ended, in words.
fn describe_ended(ended: usize) -> String {
    match ended {
        0 => "no session was live".to_owned(),
        1 => "1 session ended".to_owned(),
        more => format!("{more} sessions ended"),
    }
}
