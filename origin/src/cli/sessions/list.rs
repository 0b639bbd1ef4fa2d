//! `sealgate sessions list`.

use std::process::ExitCode;

use clap::Args;
use sealgate_shared::id::{ActorId, ActorType, TenantId};
use sealgate_shared::time::UnixMillis;
use serde_json::json;

use crate::cli::table::Table;
use crate::cli::when::describe_distance;
use crate::cli::{CliError, Out};
use crate::http::SessionObject;
use crate::office::Office;
use crate::session::{Actor, Cursor, Session, Status};
use crate::store::ListPage;

/// Show somebody's sessions, newest first
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    sealgate sessions list --tenant shop --actor-id ada\n  \
    sealgate sessions list --tenant shop --actor-id ada --all --limit 10\n  \
    sealgate sessions list --tenant shop --actor-type service --actor-id backup --json | jq -r '.sessions[].id'")]
pub(in crate::cli) struct List {
    /// The tenant
    #[arg(long)]
    tenant: TenantId,
    /// The kind of actor
    #[arg(long, default_value = "user")]
    actor_type: ActorType,
    /// The actor
    #[arg(long)]
    actor_id: ActorId,
    /// Those that expired or were revoked too
    #[arg(long)]
    all: bool,
    /// How many to show, 1 to 1000
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
    /// Go on where an earlier page ended
    #[arg(long)]
    cursor: Option<Cursor>,
    /// Print one JSON object, its sessions as the API shows them
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        office.require_tenant(&self.tenant).await?;
        let (now, limit) = (office.now(), self.limit as usize);
        let actor = Actor { kind: self.actor_type, id: self.actor_id };
        // One more than asked for tells whether there is another page.
        let page = ListPage { tenant: &self.tenant, actor: &actor, after: self.cursor, limit: self.limit + 1 };
        let mut sessions = if self.all {
            office.store().all_sessions(&page).await?
        } else {
            office.store().live_sessions(&page, now).await?
        };
        let next =
            sessions.get(limit - 1).filter(|_| sessions.len() > limit).map(|last| Cursor::after(last).to_string());
        sessions.truncate(limit);
        if self.json {
            let sessions: Vec<_> = sessions.into_iter().map(|session| SessionObject::new(session, now)).collect();
            writeln!(out, "{}", json!({ "sessions": sessions, "next_cursor": next }))?;
        } else if sessions.is_empty() {
            let kind = if self.all { "" } else { "live " };
            writeln!(out, "{} {} of {} has no {kind}session.", actor.kind, actor.id, self.tenant)?;
        } else {
            print(&sessions, now, out)?;
            if let Some(next) = next {
                writeln!(out, "\nThere are more: --cursor {next}")?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn print(sessions: &[Session], now: UnixMillis, out: Out<'_>) -> Result<(), CliError> {
    let mut table = Table::new(["session", "device", "last seen", "state"]);
    for session in sessions {
        let name = session.label.as_ref().or(session.device_name.as_ref());
        let device = name.map_or_else(|| "-".to_owned(), |name| name.chars().take(20).collect());
        let seen = describe_distance(session.last_seen_at, now);
        table.add([session.id.to_string(), device, seen, describe_state(session, now)]);
    }
    Ok(table.print(out)?)
}

fn describe_state(session: &Session, now: UnixMillis) -> String {
    match (session.status(now), session.revoked) {
        (Status::Live, _) => format!("ends {}", describe_distance(session.idle_expires_at, now)),
        (_, Some(revoked)) => format!("revoked, {}", revoked.reason),
        (status, None) => status.as_str().to_owned(),
    }
}
