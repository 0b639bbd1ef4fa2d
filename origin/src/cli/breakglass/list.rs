//! `sealgate breakglass list`.

use std::process::ExitCode;

use clap::Args;
use sealgate_shared::id::TenantId;
use sealgate_shared::time::UnixMillis;
use serde_json::{Value, json};

use crate::cli::table::Table;
use crate::cli::when::{describe_day, describe_day_if_any};
use crate::cli::{CliError, Out};
use crate::iso8601;
use crate::limit::LaneOf;
use crate::office::Office;
use crate::store::BreakGlassSummary;

/// Show which operators have a password, how many guesses at it failed lately, and whether networks are let past that
///
/// Which networks, `audit list --event break_glass.unlocked` tells.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    sealgate breakglass list\n  \
    sealgate breakglass list --tenant shop --json")]
pub(in crate::cli) struct List {
    /// Only those of this tenant
    #[arg(long)]
    tenant: Option<TenantId>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) async fn run(self, office: &Office, out: Out<'_>) -> Result<ExitCode, CliError> {
        if let Some(tenant) = &self.tenant {
            office.require_tenant(tenant).await?;
        }
        let (accounts, now) = (office.list_break_glass(self.tenant.as_ref()).await?, office.now());
        if self.json {
            let accounts: Vec<Value> = accounts.iter().map(|account| describe(account, now)).collect();
            writeln!(out, "{}", json!({ "accounts": accounts }))?;
        } else if accounts.is_empty() {
            writeln!(out, "No operator has a password: /auth/break-glass is off. `sealgate breakglass set` sets one.")?;
        } else {
            let mut table = Table::new(["tenant", "account", "type", "roles", "assurance", "set", "used", "failures"]);
            for account in accounts {
                table.add([
                    account.tenant.to_string(),
                    account.actor.id.to_string(),
                    account.actor.kind.to_string(),
                    account.roles.as_ref().map_or_else(|| "(known)".to_owned(), ToString::to_string),
                    account.assurance.to_string(),
                    describe_day(account.set_at),
                    describe_day_if_any(account.used_at),
                    describe_failures(&account, now),
                ]);
            }
            table.print(out)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// For how many seconds from now on nobody is let try who has not tried lately, but those whom `unlock --from` lets through.
fn wait_s(account: &BreakGlassSummary, now: UnixMillis) -> u64 {
    account.newcomers.opens_at(LaneOf::Account).since(now).div_ceil(1_000)
}

fn failures(account: &BreakGlassSummary, now: UnixMillis) -> u32 {
    account.lane.remembered(now).saturating_add(account.newcomers.remembered(now))
}

fn describe_failures(account: &BreakGlassSummary, now: UnixMillis) -> String {
    let failures = match (failures(account, now), wait_s(account, now)) {
        (0, _) => None,
        (failures, 0) => Some(failures.to_string()),
        (failures, wait) => Some(format!("{failures}, closed for {wait} s")),
    };
    let let_through = match account.let_through {
        0 => None,
        1 => Some("1 network is let through".to_owned()),
        more => Some(format!("{more} networks are let through")),
    };
    failures.into_iter().chain(let_through).collect::<Vec<_>>().join("; ")
}

fn describe(account: &BreakGlassSummary, now: UnixMillis) -> Value {
    json!({
        "tenant": account.tenant,
        "account": account.actor.id,
        "actor_type": account.actor.kind,
        "roles": account.roles.as_ref().map(|roles| roles.iter().map(ToString::to_string).collect::<Vec<_>>()),
        "assurance": account.assurance,
        "set_at": iso8601::format(account.set_at),
        "used_at": account.used_at.map(iso8601::format),
        "failures": failures(account, now),
        "closed_for_s": wait_s(account, now),
        "let_through": account.let_through,
    })
}
