//! A key in words: what has become of it, and what comes next.

use std::io;
use std::time::Duration;

use sealgate_shared::id::TenantId;
use sealgate_shared::time::UnixMillis;
use serde_json::{Value, json};

use crate::cli::table::Table;
use crate::cli::when::describe_day;
use crate::cli::{CliError, Out};
use crate::iso8601;
use crate::office::{Office, rotation_due};
use crate::store::{KeyState, KeySummary};

/// What it takes to say what comes next.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outlook {
    /// How long after it stopped signing the last token of a key is dead, in milliseconds.
    last_token_after: u64,
    /// How often keys are rotated.
    key_rotation: Option<Duration>,
    now: UnixMillis,
}

impl Outlook {
    pub(super) async fn read(office: &Office, key_rotation: Option<Duration>) -> Result<Self, CliError> {
        Ok(Self { last_token_after: office.store().last_token_after().await?, key_rotation, now: office.now() })
    }

    /// When the key is due to be replaced.
    pub(super) fn rotation_due(&self, key: &KeySummary) -> Option<UnixMillis> {
        let activated_at = key.activated_at.filter(|_| key.state == KeyState::Active);
        activated_at.zip(self.key_rotation).map(|(at, period)| rotation_due(key.id, at, period))
    }

    /// Between which times a key can be destroyed that has stopped signing, or does so now.
    pub(super) fn destruction(&self, key: &KeySummary) -> Option<(UnixMillis, UnixMillis)> {
        let stopped_at = match key.state {
            KeyState::Pending | KeyState::Destroyed => return None,
            KeyState::Active => self.now,
            KeyState::Retired => key.retired_at?,
            KeyState::Revoked => key.revoked_at?,
        };
        Some(key.destruction(stopped_at, self.last_token_after))
    }

    /// What comes next, in a few words.
    fn next(&self, key: &KeySummary) -> String {
        match (key.state, self.rotation_due(key), self.destruction(key)) {
            (KeyState::Pending, ..) => "signs next".to_owned(),
            (KeyState::Active, Some(due), _) if due > self.now => format!("rotates {}", describe_day(due)),
            (KeyState::Active, Some(_), _) => "rotates soon".to_owned(),
            (_, _, Some((_, latest))) if key.state != KeyState::Active && latest > self.now => {
                format!("gone by {}", describe_day(latest))
            }
            (KeyState::Retired | KeyState::Revoked, ..) => "gone soon".to_owned(),
            _ => "-".to_owned(),
        }
    }

    /// The keys as a table.
    pub(super) fn print(&self, keys: &[(TenantId, KeySummary)], out: Out<'_>) -> io::Result<()> {
        let mut table = Table::new(["tenant", "key", "state", "since", "sessions", "next"]);
        for (tenant, key) in keys {
            table.add([
                tenant.to_string(),
                key.id.to_string(),
                key.state.as_str().to_owned(),
                describe_day(key.since()),
                key.live_sessions.to_string(),
                self.next(key),
            ]);
        }
        table.print(out)
    }

    /// The key as programs read it.
    pub(super) fn describe(&self, tenant: &TenantId, key: &KeySummary) -> Value {
        let stopped = key.state != KeyState::Active;
        let destruction = self.destruction(key).filter(|_| stopped);
        json!({
            "tenant": tenant,
            "id": key.id.to_string(),
            "state": key.state.as_str(),
            "created_at": iso8601::format(key.created_at),
            "activated_at": key.activated_at.map(iso8601::format),
            "retired_at": key.retired_at.map(iso8601::format),
            "withdrawn_at": key.withdrawn_at.map(iso8601::format),
            "revoked_at": key.revoked_at.map(iso8601::format),
            "destroyed_at": key.destroyed_at.map(iso8601::format),
            "live_sessions": key.live_sessions,
            "rotation_due_at": self.rotation_due(key).map(iso8601::format),
            "destroyed_from": destruction.map(|(earliest, _)| iso8601::format(earliest)),
            "destroyed_until": destruction.map(|(_, latest)| iso8601::format(latest)),
        })
    }
}
