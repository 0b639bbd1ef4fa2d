//! `sealgate sessions show`.

use std::process::ExitCode;

use clap::Args;
use sealgate_shared::id::{SessionId, TenantId};
use sealgate_shared::time::UnixMillis;

use super::{find_tenant, not_found};
use crate::cli::table::make_printable;
use crate::cli::when::describe_distance;
use crate::cli::{CliError, Out};
use crate::http::SessionObject;
use crate::iso8601;
use crate::office::Office;
use crate::session::{Method, Session};

/// Show everything known of a session
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    sealgate sessions show ses-AAECAwQFBgcICQoLDA0ODw\n  \
    sealgate sessions show ses-AAECAwQFBgcICQoLDA0ODw --json")]
pub(in crate::cli) struct Show {
    /// The session
    id: SessionId,
    /// The tenant it must belong to [default: any]
    #[arg(long)]
    tenant: Option<TenantId>,
    /// Print one JSON object, as the API shows it
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let tenant = find_tenant(office, self.tenant, self.id).await?;
        let session = office.store().session(&tenant, self.id).await?.ok_or_else(|| not_found(self.id))?;
        let now = office.now();
        if self.json {
            let object = serde_json::to_string(&SessionObject::new(session, now)).map_err(std::io::Error::from)?;
            writeln!(out, "{object}")?;
        } else {
            for (name, value) in describe(&session, now) {
                writeln!(out, "{name:<14} {}", make_printable(&value))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn describe(session: &Session, now: UnixMillis) -> Vec<(&'static str, String)> {
    let when = |at| format!("{} ({})", iso8601::format(at), describe_distance(at, now));
    let or_none = |text: Option<&String>| text.cloned().unwrap_or_else(|| "none".to_owned());
    let mut lines = vec![
        ("session", session.id.to_string()),
        ("state", session.status(now).as_str().to_owned()),
        ("tenant", session.tenant.to_string()),
        ("actor", format!("{} {}", session.actor.kind, session.actor.id)),
        ("roles", if session.roles.is_empty() { "none".to_owned() } else { session.roles.to_string() }),
        ("assurance", session.assurance.to_string()),
        ("label", or_none(session.label.as_ref())),
        ("device", or_none(session.device_name.as_ref())),
        ("remembered", if session.remember { "yes" } else { "no" }.to_owned()),
        ("method", session.method.map_or("not known", Method::as_str).to_owned()),
        ("channel", session.channel.to_string()),
        ("generation", session.generation.to_string()),
        ("signing key", session.signing_key.to_string()),
        ("authenticated", when(session.authenticated_at)),
        ("created", when(session.created_at)),
        ("last seen", when(session.last_seen_at)),
        ("token ends", when(session.access_expires_at)),
        ("idle end", when(session.idle_expires_at)),
        ("absolute end", when(session.absolute_expires_at)),
    ];
    lines.extend(session.revoked.map(|revoked| ("revoked", format!("{}, {}", revoked.reason, when(revoked.at)))));
    lines
}
