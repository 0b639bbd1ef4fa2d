//! `sealgate breakglass remove`.

use std::process::ExitCode;

use clap::Args;
use sealgate_shared::id::{ActorId, TenantId};

use super::{describe_ended, no_account};
use crate::cli::{CliError, Out};
use crate::office::Office;
use crate::session::Actor;

/// Take an operator's password away; their sessions end. Without the last one /auth/break-glass is off
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  sealgate breakglass remove --tenant shop ada")]
pub(in crate::cli) struct Remove {
    /// The account's tenant
    #[arg(long)]
    tenant: TenantId,
    /// The account, as `breakglass list` shows it
    account: ActorId,
}

impl Remove {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let Self { tenant, account } = self;
        office.require_tenant(&tenant).await?;
        let removed = office.remove_break_glass(&tenant, &account).await?;
        let (Actor { kind, id }, ended) = removed.ok_or_else(|| no_account(&tenant, &account))?;
        writeln!(out, "removed the password of {kind} {id} in tenant {tenant}; {}", describe_ended(ended))?;
        Ok(ExitCode::SUCCESS)
    }
}
