//! `sealgate mint`.

use std::process::ExitCode;

use clap::Args;
use sealgate_shared::id::{ActorId, ActorType, Role, Roles, TenantId};
use serde_json::{Value, json};

use super::{CliError, Out};
use crate::iso8601;
use crate::office::{Issued, MintRequest, Office};
use crate::session::{Actor, Channel, Method};

/// Make a session, straight in the database, and print its cookies or tokens.
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
    /// How sure the sign-in was, 0 to 255 [default: what is known of the actor, or 0]
    #[arg(long)]
    assurance: Option<u8>,
    /// A role of the actor; may be given several times [default: what is known of the actor]
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<Role>,
    /// For whom: cookie, for a browser, or bearer, for a native client that keeps the tokens itself
    #[arg(long, default_value = "cookie", value_parser = ["cookie", "bearer"])]
    channel: String,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl Mint {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let request = MintRequest {
            label: self.label,
            remember: self.remember,
            user_agent: self.user_agent,
            assurance: self.assurance,
            // Without any, what is known of the actor counts.
            roles: (!self.roles.is_empty())
                .then(|| Roles::new(self.roles))
                .transpose()
                .map_err(|error| CliError::Argument("--role", error.to_string()))?,
            channel: if self.channel == "bearer" { Channel::Bearer } else { Channel::Cookie },
            ..MintRequest::new(self.tenant, Actor { kind: self.actor_type, id: self.actor_id }, Method::Command)
        };
        let minted = office.mint(&request).await?;
        if self.json {
            writeln!(out, "{}", describe(&minted))?;
        } else if request.channel == Channel::Bearer {
            writeln!(out, "Authorization: Bearer {}", minted.access_token)?;
            writeln!(out, "refresh token: {}", minted.refresh_token)?;
        } else {
            for line in &minted.set_cookie {
                writeln!(out, "Set-Cookie: {line}")?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn describe(minted: &Issued) -> Value {
    let (session, access_expires_at) = (minted.session.id, iso8601::format(minted.session.access_expires_at));
    match minted.session.channel {
        Channel::Cookie => json!({
            "session": session,
            "access_expires_at": access_expires_at,
            "set_cookie": minted.set_cookie,
            "csrf_token": minted.csrf_token,
        }),
        Channel::Bearer => json!({
            "session": session,
            "access_expires_at": access_expires_at,
            "access_token": minted.access_token,
            "refresh_token": minted.refresh_token,
        }),
    }
}
