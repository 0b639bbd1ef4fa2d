//! `sealgate tokens create`.

use std::process::ExitCode;

use clap::Args;
use sealgate_shared::id::TenantId;

use crate::cli::{CliError, Out};
use crate::credential::{Scope, Scopes};
use crate::office::{Office, ServiceTokenRequest};

/// Make a service token and print it; it is not shown again
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    sealgate tokens create --tenant shop --name backend\n  \
    sealgate tokens create --tenant shop --name support --scope sessions:read --scope sessions:revoke\n  \
    sealgate tokens create --operator --name ops")]
pub(in crate::cli) struct Create {
    /// The tenant it speaks for
    #[arg(long, required_unless_present = "operator", conflicts_with = "operator")]
    tenant: Option<TenantId>,
    /// It is an operator's: it makes, disables and deletes tenants, and sees no session. But it adds OpenID providers, too, and
    /// whoever runs one can sign in as anybody
    #[arg(long)]
    operator: bool,
    /// What people call it, 1 to 64 characters
    #[arg(long)]
    name: String,
    /// sessions:mint, sessions:read, sessions:revoke or actors:write; may be given several times [default: all four]
    #[arg(long = "scope", value_name = "SCOPE", conflicts_with = "operator")]
    scopes: Vec<Scope>,
}

impl Create {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let Self { tenant, operator: _, name, scopes } = self;
        if name.is_empty() || name.chars().count() > 64 || name.chars().any(char::is_control) {
            return Err(CliError::Argument("--name", "must have 1 to 64 characters and no control characters".into()));
        }
        if scopes.contains(&Scope::Tenants) {
            return Err(CliError::Argument("--scope", "tenants is for operators: --operator, without --tenant".into()));
        }
        let scopes = if scopes.is_empty() { Scopes::all() } else { scopes.into_iter().collect() };
        // The parser has seen to it that there is either a tenant or --operator.
        let token = match tenant {
            Some(tenant) => {
                office.create_service_token(&ServiceTokenRequest { tenant: &tenant, name: &name, scopes }).await?
            }
            None => office.create_operator_token(&name).await?,
        };
        writeln!(out, "{}", token.expose())?;
        Ok(ExitCode::SUCCESS)
    }
}
