//! Where things stand at the moment somebody asks. What the database would have to say is left out when it does not.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use sealgate_shared::time::UnixMillis;
use tokio::time::timeout;

use super::new_registry;
use crate::app::AppState;
use crate::store::{PoolUse, Survey};

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Connections {
    pool: &'static str,
    state: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfPool {
    pool: &'static str,
}

/// Looks where things stand.
pub(super) async fn look(app: &AppState) -> Registry {
    let mut registry = new_registry();
    let store = app.office.store();
    tell_connections(&mut registry, &store.connections());
    tell_reading(&mut registry, app.office.reading_age());
    tell_total(&mut registry, "password_hashes", "Passwords that were hashed", app.office.password_runs());
    let survey = timeout(PATIENCE, app.metrics.revocations.survey(store)).await;
    let survey = survey.ok().and_then(Result::ok);
    tell(&mut registry, "database_up", "Whether the database answers", u64::from(survey.is_some()));
    if let Some(survey) = survey {
        tell_survey(&mut registry, &survey, app.office.now());
    }
    registry
}

fn tell_connections(registry: &mut Registry, pools: &[PoolUse]) {
    let connections = Family::<Connections, Gauge>::default();
    let most = Family::<OfPool, Gauge>::default();
    for pool in pools {
        let of = |state| connections.get_or_create(&Connections { pool: pool.name, state });
        of("idle").set(i64::from(pool.idle));
        of("in_use").set(i64::from(pool.in_use));
        most.get_or_create(&OfPool { pool: pool.name }).set(i64::from(pool.most));
    }
    registry.register("database_connections", "Connections to the database, by pool and state", connections);
    registry.register("database_connections_max", "Connections to the database at most, by pool", most);
}

fn tell_reading(registry: &mut Registry, age: Option<Duration>) {
    let help = "Whether the last reading of what has changed is young enough to answer from";
    tell(registry, "memory_usable", help, u64::from(age.is_some()));
    if let Some(age) = age {
        tell_seconds(registry, "memory_age_seconds", "How old the last reading of what has changed is", age);
    }
}

fn tell_survey(registry: &mut Registry, survey: &Survey, now: UnixMillis) {
    let position = survey.position;
    tell(registry, "revocation_epoch", "The epoch of the sequence of revocations", position.epoch);
    tell(registry, "revocation_sequence", "The number of the last revocation", position.sequence);
    tell(registry, "keyring_version", "The version of the keyring", survey.keyring);
    tell(registry, "signing_keys_active", "Keys that sign, one for each tenant", survey.active_keys);
    let missing = survey.active_keys.saturating_sub(survey.pending_keys);
    tell(registry, "signing_keys_pending_missing", "Tenants without a key that could take over", missing);
    if let Some(oldest) = survey.oldest_active {
        let (help, age) = ("How long the oldest of the keys that sign has done so", now.since(oldest));
        tell_seconds(registry, "signing_key_age_max_seconds", help, Duration::from_millis(age));
    }
    tell(registry, "audit_position", "The position of the newest link of the audit table", survey.audit_position);
    let help = "Rows of the audit table that have not been linked yet, counted up to 10,000";
    tell(registry, "audit_unlinked", help, survey.audit_unlinked);
    let waits = survey.audit_waiting_since.map_or(0, |since| now.since(since));
    let help = "How long the oldest of them has been waiting";
    tell_seconds(registry, "audit_unlinked_age_seconds", help, Duration::from_millis(waits));
}

fn tell(registry: &mut Registry, name: &'static str, help: &'static str, value: u64) {
    let gauge = Gauge::<i64>::default();
    gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
    registry.register(name, help, gauge);
}

fn tell_total(registry: &mut Registry, name: &'static str, help: &'static str, value: u64) {
    let counter = Counter::<u64>::default();
    counter.inc_by(value);
    registry.register(name, help, counter);
}

fn tell_seconds(registry: &mut Registry, name: &'static str, help: &'static str, value: Duration) {
    let gauge = Gauge::<f64, AtomicU64>::default();
    gauge.set(value.as_secs_f64());
    registry.register(name, help, gauge);
}
