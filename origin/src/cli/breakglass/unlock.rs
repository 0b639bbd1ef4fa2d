//! `sealgate breakglass unlock`.

use std::net::IpAddr;
use std::process::ExitCode;

use clap::Args;
use sealgate_shared::id::{ActorId, TenantId};

use super::no_account;
use crate::cli::{CliError, Out};
use crate::office::Office;

/// Forget the failed guesses at an account, and those from every address
///
/// While somebody goes on guessing, the account closes again at once. --from lets one address past that: whoever signs in from
/// there waits for nobody else's guesses, for an hour.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    sealgate breakglass unlock --tenant shop ada\n  \
    sealgate breakglass unlock --tenant shop ada --from 203.0.113.7")]
pub(in crate::cli) struct Unlock {
    /// The account's tenant
    #[arg(long)]
    tenant: TenantId,
    /// The account, as `breakglass list` shows it
    account: ActorId,
    /// The address that the operator signs in from, as the site sees it; of IPv6 its first 64 bits count
    #[arg(long, value_name = "ADDRESS")]
    from: Option<IpAddr>,
}

impl Unlock {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let Self { tenant, account, from } = self;
        office.require_tenant(&tenant).await?;
        if !office.unlock_break_glass(&tenant, &account, from).await? {
            return Err(no_account(&tenant, &account));
        }
        match from {
            None => writeln!(out, "unlocked {account} in tenant {tenant}")?,
            Some(from) => writeln!(out, "unlocked {account} in tenant {tenant}; {from} is let through for an hour")?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
