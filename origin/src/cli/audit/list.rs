//! `sealgate audit list`.

use std::process::ExitCode;
use std::str::FromStr;

use clap::Args;
use clap::builder::PossibleValuesParser;
use sealgate_shared::id::{ActorId, ActorType, SessionId, TenantId};
use sealgate_shared::time::UnixMillis;
use serde_json::{Value, json};

use crate::cli::table::Table;
use crate::cli::{CliError, Out};
use crate::config::parse_duration;
use crate::iso8601;
use crate::office::Office;
use crate::store::{AuditEvent, AuditFilter, AuditRow};

/// Show what was written down, newest first
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    sealgate audit list\n  \
    sealgate audit list --tenant shop --event session.reuse --since 7d\n  \
    sealgate audit list --tenant shop --actor-id ada --limit 10\n  \
    sealgate audit list --since 7d --until 1d --before 1042\n  \
    sealgate audit list --json | jq '.events[] | select(.event | startswith(\"key.\"))'")]
pub(in crate::cli) struct List {
    /// Of one tenant, be it there still or not
    #[arg(long)]
    tenant: Option<TenantId>,
    /// Of one kind
    #[arg(long, value_parser = PossibleValuesParser::new(AuditEvent::NAMES))]
    event: Option<String>,
    /// About one actor
    #[arg(long)]
    actor_id: Option<ActorId>,
    /// The kind of that actor [default: any]
    #[arg(long, requires = "actor_id")]
    actor_type: Option<ActorType>,
    /// About one session
    #[arg(long)]
    session: Option<SessionId>,
    /// Not older than so long (90m, 7d), or than a time (2026-01-02T03:04:05Z)
    #[arg(long, value_name = "AGE or TIME")]
    since: Option<When>,
    /// Not newer than that
    #[arg(long, value_name = "AGE or TIME")]
    until: Option<When>,
    /// Older ones than the one of this number: go on where an earlier page ended
    #[arg(long, value_name = "NUMBER")]
    before: Option<i64>,
    /// Those that have not been linked yet (see `audit verify`)
    #[arg(long)]
    unlinked: bool,
    /// How many to show, 1 to 1000
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// The time from which or up to which rows are shown.
#[derive(Clone, Copy, Debug)]
enum When {
    Age(u64),
    Time(UnixMillis),
}

impl FromStr for When {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(age) = parse_duration(text) {
            return Ok(Self::Age(u64::try_from(age.as_millis()).unwrap_or(u64::MAX)));
        }
        let at = iso8601::parse_rfc3339(text).map(Self::Time);
        at.ok_or("is neither an age such as 90m or 7d nor a time such as 2026-01-02T03:04:05Z")
    }
}

impl When {
    const fn at(self, now: UnixMillis) -> UnixMillis {
        match self {
            Self::Age(age) => now.minus(age),
            Self::Time(at) => at,
        }
    }
}

impl List {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        let (now, limit) = (office.now(), self.limit as usize);
        let filter = AuditFilter {
            tenant: self.tenant.as_ref(),
            event: self.event.as_deref(),
            actor_id: self.actor_id.as_ref(),
            actor_type: self.actor_type.as_ref(),
            session: self.session,
            since: self.since.map(|since| since.at(now)),
            until: self.until.map(|until| until.at(now)),
            before: self.before,
            unlinked: self.unlinked,
        };
        // One more than asked for tells whether there is another page.
        let mut rows = office.store().audit(&filter, self.limit + 1).await?;
        let next = rows.get(limit - 1).filter(|_| rows.len() > limit).map(|last| last.id);
        rows.truncate(limit);
        if let Some(tenant) = self.tenant.as_ref().filter(|_| rows.is_empty()) {
            require_known(office, tenant).await?;
        }
        if self.json {
            let events: Vec<Value> = rows.iter().map(describe).collect();
            writeln!(out, "{}", json!({ "events": events, "next": next }))?;
        } else if rows.is_empty() {
            writeln!(out, "Nothing was written down.")?;
        } else {
            print(rows, out)?;
            if let Some(next) = next {
                writeln!(out, "\nThere are more: --before {next}")?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// A tenant is known that is there, and one of which anything is written down.
async fn require_known(office: &Office, tenant: &TenantId) -> Result<(), CliError> {
    let filter = AuditFilter { tenant: Some(tenant), ..AuditFilter::default() };
    if office.store().audit(&filter, 1).await?.is_empty() {
        office.require_tenant(tenant).await?;
    }
    Ok(())
}

fn print(rows: Vec<AuditRow>, out: Out<'_>) -> Result<(), CliError> {
    let mut table = Table::new(["at", "tenant", "event", "session", "actor", "detail"]);
    for row in rows {
        let dash = || "-".to_owned();
        table.add([
            iso8601::format(row.at),
            row.tenant.map_or_else(dash, |tenant| tenant.to_string()),
            row.event,
            row.session.map_or_else(dash, |session| session.to_string()),
            row.actor.map_or_else(dash, |actor| format!("{} {}", actor.kind, actor.id)),
            row.detail.unwrap_or_else(dash),
        ]);
    }
    Ok(table.print(out)?)
}

fn describe(row: &AuditRow) -> Value {
    json!({
        "id": row.id,
        "at": iso8601::format(row.at),
        "tenant": row.tenant,
        "event": row.event,
        "session": row.session,
        "actor_type": row.actor.as_ref().map(|actor| &actor.kind),
        "actor_id": row.actor.as_ref().map(|actor| &actor.id),
        "detail": row.detail,
        "position": row.position,
    })
}
