//! `sealgate keys rotate`.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use sealgate_shared::id::TenantId;
use sealgate_shared::time::UnixMillis;
use serde_json::{Value, json};

use super::describe::Outlook;
use crate::cli::when::{describe_day, describe_distance, describe_span};
use crate::cli::{CliError, Out, REFUSED};
use crate::iso8601;
use crate::office::Office;
use crate::store::{KeyState, KeySummary, RotateOutcome, RotateWhen, Rotation};

/// Sign with the next key from now on; nobody is signed out
#[derive(Args, Debug)]
#[command(after_help = "Exit code: 0 when the keys were rotated, or would be; 3 when it is too soon.\n\n\
    Examples:\n  \
    sealgate keys rotate --tenant shop --dry-run\n  \
    sealgate keys rotate --tenant shop")]
pub(in crate::cli) struct Rotate {
    /// The tenant whose keys to rotate
    #[arg(long)]
    tenant: TenantId,
    /// Change nothing; say what each key does, how many live sessions it signs, and when the old one could go
    #[arg(long)]
    dry_run: bool,
    /// Also when edges may not have fetched the next key yet: one that lacks it may refuse what it signs for up to ten
    /// seconds
    #[arg(long)]
    now: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl Rotate {
    pub(super) async fn run(
        self,
        office: &Office,
        key_rotation: Option<Duration>,
        out: Out<'_>,
    ) -> Result<ExitCode, CliError> {
        if self.dry_run {
            return self.preview(office, key_rotation, out).await;
        }
        match office.rotate_keys(&self.tenant, self.when()).await? {
            RotateOutcome::Rotated(rotation) if self.json => writeln!(out, "{}", describe(&rotation))?,
            RotateOutcome::Rotated(rotation) => {
                writeln!(out, "retired  {}  verifies what it signed", rotation.retired)?;
                writeln!(out, "active   {}  signs from now on", rotation.active)?;
                writeln!(out, "pending  {}  signs after the next rotation", rotation.pending)?;
            }
            RotateOutcome::TooSoon { ready_at, .. } => {
                return Err(CliError::Refused(explain_wait(ready_at, office.now())));
            }
            // No other key was expected than the one there is.
            RotateOutcome::NoTenant | RotateOutcome::AlreadyRotated { .. } => {
                return Err(CliError::NotFound(format!("tenant {}", self.tenant)));
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    const fn when(&self) -> RotateWhen {
        if self.now { RotateWhen::at_once() } else { RotateWhen::published() }
    }

    async fn preview(
        self,
        office: &Office,
        key_rotation: Option<Duration>,
        out: Out<'_>,
    ) -> Result<ExitCode, CliError> {
        office.require_tenant(&self.tenant).await?;
        let keys = office.store().list_keys(&self.tenant, office.now()).await?;
        let find = |state| keys.iter().find(|key| key.state == state);
        let (Some(active), Some(pending)) = (find(KeyState::Active), find(KeyState::Pending)) else {
            return Err(CliError::NotFound(format!("active and pending key of {}", self.tenant)));
        };
        let outlook = Outlook::read(office, key_rotation).await?;
        let ready_at = Some(self.when().ready_at(pending.created_at)).filter(|at| *at > office.now());
        let preview = Preview { rotate: &self, keys: &keys, active, pending, outlook, ready_at };
        if self.json {
            preview.print_json(out)?;
        } else {
            preview.print(office.now(), out)?;
        }
        Ok(if ready_at.is_some() { ExitCode::from(REFUSED) } else { ExitCode::SUCCESS })
    }
}

/// What rotating would do.
struct Preview<'a> {
    rotate: &'a Rotate,
    keys: &'a [KeySummary],
    active: &'a KeySummary,
    pending: &'a KeySummary,
    outlook: Outlook,
    /// When it may be done, if not now.
    ready_at: Option<UnixMillis>,
}

impl Preview<'_> {
    fn print(&self, now: UnixMillis, out: Out<'_>) -> Result<(), CliError> {
        let day = |at| format!("{} ({})", describe_day(at), describe_distance(at, now));
        let keys: Vec<_> = self.keys.iter().map(|key| (self.rotate.tenant.clone(), key.clone())).collect();
        self.outlook.print(&keys, &mut *out)?;
        let (active, sessions) = (self.active.id, self.active.live_sessions);
        writeln!(out, "\nRotating would retire {active} and sign with {}. Nothing was changed.", self.pending.id)?;
        writeln!(out, "Live sessions signed by {active}: {sessions}. They stay.")?;
        if let Some((earliest, latest)) = self.outlook.destruction(self.active) {
            writeln!(out, "It could be destroyed at the earliest {}, at the latest {}.", day(earliest), day(latest))?;
        }
        match self.outlook.rotation_due(self.active) {
            Some(due) => writeln!(out, "The next scheduled rotation is due {}.", day(due))?,
            None => writeln!(out, "Keys are not rotated on schedule: key_rotation is off.")?,
        }
        if let Some(ready_at) = self.ready_at {
            writeln!(out, "Not yet: {}.", explain_wait(ready_at, now))?;
        }
        Ok(())
    }

    fn print_json(&self, out: Out<'_>) -> Result<(), CliError> {
        let keys: Vec<Value> = self.keys.iter().map(|key| self.outlook.describe(&self.rotate.tenant, key)).collect();
        let destruction = self.outlook.destruction(self.active);
        let preview = json!({
            "dry_run": true,
            "retires": self.active.id.to_string(),
            "promotes": self.pending.id.to_string(),
            "live_sessions": self.active.live_sessions,
            "destroyed_from": destruction.map(|(earliest, _)| iso8601::format(earliest)),
            "destroyed_until": destruction.map(|(_, latest)| iso8601::format(latest)),
            "rotation_due_at": self.outlook.rotation_due(self.active).map(iso8601::format),
            "too_soon_until": self.ready_at.map(iso8601::format),
            "keys": keys,
        });
        writeln!(out, "{preview}")?;
        Ok(())
    }
}

fn explain_wait(ready_at: UnixMillis, now: UnixMillis) -> String {
    let wait = describe_span(ready_at.since(now));
    format!("edges may not have the pending key before {wait} have passed; --now rotates all the same")
}

fn describe(rotation: &Rotation) -> Value {
    json!({
        "retired": rotation.retired.to_string(),
        "active": rotation.active.to_string(),
        "pending": rotation.pending.to_string(),
    })
}
