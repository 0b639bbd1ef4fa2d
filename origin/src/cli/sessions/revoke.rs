//! `sealgate sessions revoke`.

use std::process::ExitCode;

use clap::Args;
use sealgate_shared::id::{ActorId, ActorType, SessionId, TenantId};

use super::{find_tenant, not_found};
use crate::cli::{CliError, Out};
use crate::iso8601;
use crate::office::Office;
use crate::session::{Actor, RevokedReason, Session};
use crate::store::{RevokeActor, RevokeOutcome};

/// End a session, or all of somebody's. Asks nothing, and says what it did.
#[derive(Args, Debug)]
#[command(
    after_help = "Exit code: 0 when the sessions are revoked, also if they were before; 3 when there was none.\n\n\
    Examples:\n  \
    sealgate sessions revoke ses-AAECAwQFBgcICQoLDA0ODw\n  \
    sealgate sessions revoke --tenant shop --actor-id ada\n  \
    sealgate sessions revoke --tenant shop --actor-id ada --except ses-AAECAwQFBgcICQoLDA0ODw"
)]
pub(in crate::cli) struct Revoke {
    /// The session to end
    #[arg(required_unless_present = "actor_id", conflicts_with = "actor_id")]
    id: Option<SessionId>,
    /// The tenant; of a session that is named, the one it must belong to [default: any]
    #[arg(long)]
    tenant: Option<TenantId>,
    /// The kind of actor
    #[arg(long, default_value = "user", requires = "actor_id")]
    actor_type: ActorType,
    /// The actor whose live sessions to end
    #[arg(long, requires = "tenant")]
    actor_id: Option<ActorId>,
    /// The one of them to keep
    #[arg(long, value_name = "ID", requires = "actor_id")]
    except: Option<SessionId>,
}

impl Revoke {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        match (self.id, self.actor_id, self.tenant) {
            (Some(id), _, tenant) => revoke_one(office, tenant, id, out).await?,
            (None, Some(id), Some(tenant)) => {
                let actor = Actor { kind: self.actor_type, id };
                let request =
                    RevokeActor { tenant: &tenant, actor: &actor, except: self.except, reason: RevokedReason::Admin };
                revoke_all(office, &request, out).await?;
            }
            // The parser has seen to it; should it not have, nothing is ended by mistake.
            (None, ..) => return Err(CliError::Argument("ID", "name a session, or --tenant and --actor-id".into())),
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn revoke_one(office: &Office, tenant: Option<TenantId>, id: SessionId, out: Out<'_>) -> Result<(), CliError> {
    let tenant = find_tenant(office, tenant, id).await?;
    match office.revoke_session(&tenant, id, RevokedReason::Admin).await? {
        RevokeOutcome::Revoked(session) => writeln!(out, "revoked  {}", describe(&session))?,
        RevokeOutcome::Already(session) => {
            let when = session.revoked.map_or_else(String::new, |revoked| iso8601::format(revoked.at));
            writeln!(out, "revoked already, {when}  {}", describe(&session))?;
        }
        RevokeOutcome::NotFound => return Err(not_found(id)),
    }
    Ok(())
}

async fn revoke_all(office: &Office, request: &RevokeActor<'_>, out: Out<'_>) -> Result<(), CliError> {
    office.require_tenant(request.tenant).await?;
    let whose = format!("{} {} of {}", request.actor.kind, request.actor.id, request.tenant);
    let revoked = office.revoke_actor(request).await?;
    let Some(revoked) = revoked else {
        let kept = request.except.map(|id| id.to_string()).unwrap_or_default();
        return Err(CliError::NotFound(format!("live session {kept} of {whose}: nothing was revoked")));
    };
    if revoked.is_empty() && request.except.is_none() {
        return Err(CliError::NotFound(format!("live session of {whose}")));
    }
    for id in &revoked {
        writeln!(out, "revoked  {id}  {whose}")?;
    }
    if let Some(kept) = request.except {
        writeln!(out, "kept     {kept}  {whose}")?;
    }
    Ok(())
}

fn describe(session: &Session) -> String {
    format!("{}  {} {} of {}", session.id, session.actor.kind, session.actor.id, session.tenant)
}
