//! `sealgate mint`.

use std::process::ExitCode;

use clap::Args;
use sealgate_shared::id::{ActorId, ActorType, Role, Roles, TenantId};
use serde_json::json;

use super::{CliError, Out};
use crate::iso8601;
use crate::office::{MintRequest, Office};
use crate::session::Actor;

/// Make a session, straight in the database, and print its cookies.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    sealgate mint --tenant demo --actor-id ada\n  \
    sealgate mint --tenant demo --actor-type service --actor-id backup --role writer --json")]
pub(super) struct Mint {
    /// Whose session it is
    #[arg(long)]
    tenant: TenantId,
    /// The kind of actor
    #[arg(long, default_value = "user")]
    actor_type: ActorType,
    /// The actor, in the application's own terms
    #[arg(long)]
    actor_id: ActorId,
    /// A name for the device
    #[arg(long)]
    label: Option<String>,
    /// Keep the actor signed in after the browser closes
    #[arg(long)]
    remember: bool,
    /// The browser's User-Agent; only a hash and a coarse name are kept
    #[arg(long)]
    user_agent: Option<String>,
    /// How sure the sign-in was, 0 to 255
    #[arg(long, default_value_t = 0)]
    assurance: u8,
    /// A role of the actor; may be given several times
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<Role>,
    /// Print one JSON object instead of Set-Cookie lines
    #[arg(long)]
    json: bool,
}

impl Mint {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let request = MintRequest {
            tenant: self.tenant,
            actor: Actor { kind: self.actor_type, id: self.actor_id },
            label: self.label,
            remember: self.remember,
            user_agent: self.user_agent,
            authenticated_at: None,
            assurance: self.assurance,
            roles: Roles::new(self.roles).map_err(|error| CliError::Argument("--role", error.to_string()))?,
        };
        let minted = office.mint(&request).await?;
        if self.json {
            let answer = json!({
                "session": minted.session.id,
                "access_expires_at": iso8601::format(minted.session.access_expires_at),
                "set_cookie": minted.set_cookie,
                "csrf_token": minted.csrf_token,
            });
            writeln!(out, "{answer}")?;
        } else {
            for line in &minted.set_cookie {
                writeln!(out, "Set-Cookie: {line}")?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
