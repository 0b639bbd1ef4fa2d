//! `sealgate tenants create`, `edges create`, `tokens create`. What they print is shown this once.
#![expect(clippy::doc_markdown, reason = "clap prints these comments as they stand")]

use std::io::Write;
use std::process::ExitCode;

use clap::Subcommand;
use sealgate_shared::id::{EdgeId, TenantId};

use super::CliError;
use crate::credential::{Scope, Scopes};
use crate::office::{Office, OfficeError, ServiceTokenRequest};
use crate::store::StoreError;

#[derive(Debug, Subcommand)]
pub(super) enum Tenants {
    /// Make a tenant with its first signing keys
    #[command(after_help = "Example:\n  sealgate tenants create shop")]
    Create {
        /// A slug: a–z, 0–9 and, between them, '-'
        id: TenantId,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum Edges {
    /// Make an edge and print its secret, which the Worker gets as SEALGATE_EDGE_SECRET
    #[command(after_help = "Example:\n  sealgate edges create frankfurt --tenant shop --tenant blog")]
    Create {
        /// A slug: a–z, 0–9 and, between them, '-'
        id: EdgeId,
        /// A tenant the edge serves; may be given several times
        #[arg(long = "tenant", value_name = "TENANT", required = true)]
        tenants: Vec<TenantId>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum Tokens {
    /// Make a service token and print it
    #[command(after_help = "Examples:\n  \
        sealgate tokens create --tenant shop --name backend\n  \
        sealgate tokens create --tenant shop --name support --scope sessions:read --scope sessions:revoke")]
    Create {
        /// The tenant it speaks for
        #[arg(long)]
        tenant: TenantId,
        /// What people call it, 1 to 64 characters
        #[arg(long)]
        name: String,
        /// sessions:mint, sessions:read or sessions:revoke; may be given several times [default: all three]
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<Scope>,
    },
}

impl Tenants {
    pub(super) async fn run(self, office: &Office, out: &mut (dyn Write + Send)) -> Result<ExitCode, CliError> {
        let Self::Create { id } = self;
        office.create_tenant(&id).await.map_err(|error| name_existing(error, || format!("a tenant {id}")))?;
        writeln!(out, "{id}")?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Edges {
    pub(super) async fn run(self, office: &Office, out: &mut (dyn Write + Send)) -> Result<ExitCode, CliError> {
        let Self::Create { id, mut tenants } = self;
        tenants.sort();
        tenants.dedup();
        let created = office.create_edge(&id, &tenants).await;
        let secret = created.map_err(|error| name_existing(error, || format!("an edge {id}")))?;
        writeln!(out, "{}", secret.expose_base64url())?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Tokens {
    pub(super) async fn run(self, office: &Office, out: &mut (dyn Write + Send)) -> Result<ExitCode, CliError> {
        let Self::Create { tenant, name, scopes } = self;
        if name.is_empty() || name.chars().count() > 64 || name.chars().any(char::is_control) {
            return Err(CliError::Argument("--name", "must have 1 to 64 characters and no control characters".into()));
        }
        let scopes = if scopes.is_empty() { Scopes::all() } else { scopes.into_iter().collect() };
        let token = office.create_service_token(&ServiceTokenRequest { tenant: &tenant, name: &name, scopes }).await?;
        writeln!(out, "{}", token.expose())?;
        Ok(ExitCode::SUCCESS)
    }
}

fn name_existing(error: OfficeError, what: impl Fn() -> String) -> CliError {
    match error {
        OfficeError::Store(StoreError::Exists) => CliError::Exists(what()),
        other => other.into(),
    }
}
