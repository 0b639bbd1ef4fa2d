//! Housekeeping: what time does to keys and sessions, done by whichever origin comes to it first.
//!
//! Several origins may keep house at once. Each step asks the database whether there is something to do, and does it in
//! a transaction that asks again; none waits for another.

use std::time::Duration;

use sealgate_shared::time::UnixMillis;
use tokio::time::Instant;

use super::rotate::rotation_due;
use super::{Office, OfficeError};
use crate::clock::milliseconds;
use crate::limit::QUIET;
use crate::store::{ExpiredKeys, RotateOutcome, RotateWhen, StoreResult, Sweep};

/// How many rows one statement deletes: whoever waits for it does not wait long.
const BATCH: u64 = 500;
/// How long an entry of the revocation sequence is kept after it has come to concern nobody, for those who look.
const DEAD_REVOCATIONS: Duration = Duration::from_hours(24);

/// How the house is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HousekeepingSettings {
    /// How old an active key becomes, more or less, before it is replaced; `None` for as old as it may.
    pub key_rotation: Option<Duration>,
    /// How long sessions that have ended are kept.
    pub session_retention: Duration,
    /// How long addresses and user agents are kept after their session was last used, where they are kept at all.
    pub personal_retention: Duration,
    /// How long what was written down is kept; `None` for ever.
    pub audit_retention: Option<Duration>,
    /// How often it is looked after, more or less.
    pub interval: Duration,
    /// How long one round may take. What is left waits for the next.
    pub budget: Duration,
}

impl Default for HousekeepingSettings {
    fn default() -> Self {
        const DAY: u64 = 24;
        Self {
            key_rotation: Some(Duration::from_hours(30 * DAY)),
            session_retention: Duration::from_hours(30 * DAY),
            personal_retention: Duration::from_hours(30 * DAY),
            audit_retention: Some(Duration::from_hours(400 * DAY)),
            interval: Duration::from_mins(1),
            budget: Duration::from_secs(10),
        }
    }
}

/// What a round did.
#[derive(Debug, Default)]
pub struct Housekeeping {
    pub rotated: u64,
    pub withdrawn: u64,
    pub destroyed: u64,
    pub expired_sessions: u64,
    pub revoked_sessions: u64,
    pub pre_login: u64,
    /// Sessions whose address and user agent were forgotten.
    pub personal: u64,
    pub revocations: u64,
    pub forgotten_keys: u64,
    /// Lanes of guesses at passwords.
    pub break_glass_lanes: u64,
    /// Logouts that providers told.
    pub oidc_logouts: u64,
    /// Rows of the audit table.
    pub audit: u64,
    /// Whether there was not enough time for everything.
    pub unfinished: bool,
    /// What went wrong. The steps after it were done all the same.
    pub failures: Vec<OfficeError>,
}

impl Housekeeping {
    /// What the steps counted, by the names that metrics have for it.
    pub const fn counts(&self) -> [(&'static str, u64); 11] {
        [
            ("keys_withdrawn", self.withdrawn),
            ("keys_destroyed", self.destroyed),
            ("sessions_expired", self.expired_sessions),
            ("sessions_revoked", self.revoked_sessions),
            ("sign_ins_abandoned", self.pre_login),
            ("personal_data", self.personal),
            ("revocations_dead", self.revocations),
            ("keys_forgotten", self.forgotten_keys),
            ("break_glass_lanes", self.break_glass_lanes),
            ("oidc_logouts", self.oidc_logouts),
            ("audit", self.audit),
        ]
    }

    /// Takes what a step counted, or why it failed.
    fn take(&mut self, done: Result<u64, OfficeError>) -> u64 {
        done.unwrap_or_else(|error| {
            self.failures.push(error);
            0
        })
    }
}

impl Office {
    /// Does what is due: rotates keys, withdraws and destroys old ones, and deletes what is over.
    pub async fn housekeep(&self, settings: &HousekeepingSettings) -> Housekeeping {
        let mut done = Housekeeping::default();
        let until = Instant::now() + settings.budget;
        let now = self.clock.now();
        if let Some(period) = settings.key_rotation {
            done.rotated = self.rotate_due_keys(period, until, &mut done).await;
        }
        let withdrawn = self.store.withdraw_keys(now).await;
        done.withdrawn = done.take(report_keys("withdrew a signing key: every token it signed is dead", withdrawn));
        let destroyed = self.store.destroy_keys(now).await;
        done.destroyed = done.take(report_keys("destroyed a signing key: no live session names it", destroyed));
        if done.rotated + done.withdrawn + done.destroyed > 0 {
            self.notice().await;
        }

        let ended = now.minus(milliseconds(settings.session_retention));
        done.expired_sessions = self.sweep(Sweep::ExpiredSessions, ended, until, &mut done).await;
        done.revoked_sessions = self.sweep(Sweep::RevokedSessions, ended, until, &mut done).await;
        done.pre_login = self.sweep(Sweep::PreLogin, now, until, &mut done).await;
        let forgotten = now.minus(milliseconds(settings.personal_retention));
        done.personal = self.sweep(Sweep::PersonalData, forgotten, until, &mut done).await;
        let dead = now.minus(milliseconds(DEAD_REVOCATIONS));
        done.revocations = self.sweep(Sweep::Revocations, dead, until, &mut done).await;
        let forgotten = self.store.forget_keys(BATCH.cast_signed(), now).await;
        done.forgotten_keys = done.take(forgotten.map_err(OfficeError::from));
        let quiet = now.minus(milliseconds(QUIET));
        done.break_glass_lanes = self.sweep(Sweep::BreakGlassLanes, quiet, until, &mut done).await;
        done.oidc_logouts = self.sweep(Sweep::OidcLogouts, now, until, &mut done).await;
        if let Some(retention) = settings.audit_retention {
            done.audit = self.sweep_audit(now.minus(milliseconds(retention)), until, &mut done).await;
        }
        done
    }

    /// Replaces the active keys whose time has come; how many.
    async fn rotate_due_keys(&self, period: Duration, until: Instant, done: &mut Housekeeping) -> u64 {
        let now = self.clock.now();
        // None is due earlier than that.
        let earliest = now.minus(milliseconds(period / 10 * 9));
        let keys = match self.store.keys_active_since(earliest).await {
            Ok(keys) => keys,
            Err(error) => return done.take(Err(error.into())),
        };
        let mut rotated = 0;
        for key in keys.iter().filter(|key| rotation_due(key.id, key.activated_at, period) <= now) {
            if Instant::now() >= until {
                done.unfinished = true;
                break;
            }
            match self.rotate_keys(&key.tenant, RotateWhen::published().while_active(key.id)).await {
                Ok(RotateOutcome::Rotated(rotation)) => {
                    rotated += 1;
                    tracing::info!(
                        tenant = %key.tenant, retired = %rotation.retired, active = %rotation.active,
                        "rotated signing keys on schedule"
                    );
                }
                // Another origin was faster, the pending key is not with every edge yet, or the tenant is gone.
                Ok(_) => {}
                Err(error) => done.failures.push(error),
            }
        }
        rotated
    }

    /// Deletes rows that were over at `before`, batch by batch; how many.
    async fn sweep(&self, what: Sweep, before: UnixMillis, until: Instant, done: &mut Housekeeping) -> u64 {
        let mut swept = 0;
        loop {
            if Instant::now() >= until {
                done.unfinished = true;
                return swept;
            }
            match self.store.sweep(what, before, BATCH.cast_signed()).await {
                Ok(BATCH) => swept += BATCH,
                Ok(last) => return swept + last,
                Err(error) => {
                    done.failures.push(error.into());
                    return swept;
                }
            }
        }
    }

    /// Likewise, of what was written down: from the beginning of its chain.
    async fn sweep_audit(&self, before: UnixMillis, until: Instant, done: &mut Housekeeping) -> u64 {
        let mut swept = 0;
        loop {
            if Instant::now() >= until {
                done.unfinished = true;
                return swept;
            }
            match self.cut_audit(before).await {
                Ok(0) => return swept,
                Ok(cut) => swept += cut,
                Err(error) => {
                    done.failures.push(error);
                    return swept;
                }
            }
        }
    }
}

/// Says of each key what has become of it; how many there were.
fn report_keys(what: &'static str, keys: StoreResult<ExpiredKeys>) -> Result<u64, OfficeError> {
    let keys = keys?;
    for (tenant, key) in &keys {
        tracing::info!(%tenant, %key, "{what}");
    }
    Ok(u64::try_from(keys.len()).unwrap_or(u64::MAX))
}
