//! `sealgate keys revoke`.

use std::process::ExitCode;

use clap::Args;
use sealgate_shared::id::{KeyId, TenantId};
use serde_json::{Value, json};

use crate::cli::{CliError, Out};
use crate::iso8601;
use crate::office::Office;
use crate::store::{KeysRevoked, RevokeKeysOutcome};

/// Revoke a signing key that has leaked: the next one signs at once, and every session that it could have signed ends.
/// Asks nothing, and says what it did.
#[derive(Args, Debug)]
#[command(after_help = "Exit code: 0 when the key is revoked, also if it was before; 3 when there is none.\n\n\
    Examples:\n  \
    sealgate keys revoke sk-AwMDAwMDAwM\n  \
    sealgate keys revoke sk-AwMDAwMDAwM --all")]
pub(in crate::cli) struct Revoke {
    /// The key, as `keys list` and `inspect` show it
    key: KeyId,
    /// Every key of the key's tenant: an edge that leaks has them all, the pending one too
    #[arg(long)]
    all: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl Revoke {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let unknown = || CliError::NotFound(format!("signing key {}", self.key));
        let tenant = office.store().tenant_of_key(self.key).await?.ok_or_else(unknown)?;
        match office.revoke_keys(&tenant, self.key, self.all).await? {
            RevokeKeysOutcome::Revoked(revoked) if self.json => writeln!(out, "{}", describe(&tenant, &revoked))?,
            RevokeKeysOutcome::Revoked(revoked) => print(&tenant, &revoked, out)?,
            RevokeKeysOutcome::Already { at } if self.json => {
                writeln!(out, "{}", json!({ "tenant": tenant, "revoked": [], "revoked_at": iso8601::format(at) }))?;
            }
            RevokeKeysOutcome::Already { at } => {
                writeln!(out, "revoked already, {}  {}  {tenant}", iso8601::format(at), self.key)?;
            }
            RevokeKeysOutcome::Destroyed { at } => {
                let at = iso8601::format(at);
                return Err(CliError::NotFound(format!("key {} any more: it was destroyed {at}", self.key)));
            }
            RevokeKeysOutcome::NotFound => return Err(unknown()),
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn print(tenant: &TenantId, revoked: &KeysRevoked, out: Out<'_>) -> Result<(), CliError> {
    for key in &revoked.keys {
        writeln!(out, "revoked  {key}  {tenant}")?;
    }
    writeln!(out, "active   {}  signs from now on", revoked.active)?;
    writeln!(out, "pending  {}  signs after the next rotation", revoked.pending)?;
    writeln!(out, "sessions ended: {}", revoked.sessions)?;
    Ok(())
}

fn describe(tenant: &TenantId, revoked: &KeysRevoked) -> Value {
    json!({
        "tenant": tenant,
        "revoked": revoked.keys.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "active": revoked.active.to_string(),
        "pending": revoked.pending.to_string(),
        "sessions_ended": revoked.sessions,
    })
}
