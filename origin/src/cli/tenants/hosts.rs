//! `sealgate tenants hosts`.

use std::process::ExitCode;

use clap::Args;
use sealgate_shared::id::TenantId;

use crate::cli::{CliError, Out};
use crate::host_name::{HostName, MAX_HOSTS};
use crate::office::Office;

/// Show the host names that a tenant's sites answer to, or set them
#[derive(Args, Debug)]
#[command(
    after_help = "A request that an edge hands on for another host is refused. A tenant without host names answers to \
    any.\n\n\
    Examples:\n  \
    sealgate tenants hosts shop\n  \
    sealgate tenants hosts shop --set shop.example --set www.shop.example\n  \
    sealgate tenants hosts shop --any"
)]
pub(in crate::cli) struct Hosts {
    /// The tenant
    id: TenantId,
    /// A host name, with its port where that is not the scheme's own; may be given several times, and takes the place
    /// of all there were
    #[arg(long = "set", value_name = "HOST")]
    set: Vec<HostName>,
    /// Answer to any host
    #[arg(long, conflicts_with = "set")]
    any: bool,
}

impl Hosts {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        if self.any || !self.set.is_empty() {
            office.replace_hosts(&self.id, &tidy(self.set)?).await?;
        }
        for host in office.show_tenant(&self.id).await?.hosts {
            writeln!(out, "{host}")?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// A host named twice is one host.
pub(super) fn tidy(mut hosts: Vec<HostName>) -> Result<Vec<HostName>, CliError> {
    hosts.sort();
    hosts.dedup();
    if hosts.len() > MAX_HOSTS {
        return Err(CliError::Argument("hosts", format!("a tenant may have at most {MAX_HOSTS}")));
    }
    Ok(hosts)
}
