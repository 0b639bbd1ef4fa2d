//! Housekeeping.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use sealgate_shared::time::UnixMillis;

use super::Metrics;
use crate::office::Housekeeping;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Swept {
    what: &'static str,
}

#[derive(Clone, Debug)]
pub(super) struct House {
    swept: Family<Swept, Counter>,
    key_rotations: Counter,
    failures: Counter,
    success: Gauge,
    linking_failures: Counter,
}

impl House {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let swept = Family::<Swept, Counter>::default();
        for (what, _) in Housekeeping::default().counts() {
            // So that what never happened shows as zero.
            drop(swept.get_or_create(&Swept { what }));
        }
        registry.register("swept", "What housekeeping did away with, by kind", swept.clone());
        let key_rotations = Counter::default();
        registry.register("key_rotations", "Signing keys rotated on schedule", key_rotations.clone());
        let failures = Counter::default();
        registry.register("housekeeping_failures", "Steps of housekeeping that failed", failures.clone());
        let success = Gauge::default();
        let help = "When a round of housekeeping last went well";
        registry.register("housekeeping_success_timestamp_seconds", help, success.clone());
        let linking_failures = Counter::default();
        let help = "Times that the audit table could not be linked";
        registry.register("audit_linking_failures", help, linking_failures.clone());
        Self { swept, key_rotations, failures, success, linking_failures }
    }
}

impl Metrics {
    /// Counts a time that the audit table could not be linked.
    pub(crate) fn count_linking_failure(&self) {
        self.house.linking_failures.inc();
    }

    /// Counts what a round of housekeeping did.
    pub(crate) fn count_housekeeping(&self, done: &Housekeeping, now: UnixMillis) {
        let house = &self.house;
        for (what, count) in done.counts() {
            house.swept.get_or_create(&Swept { what }).inc_by(count);
        }
        house.key_rotations.inc_by(done.rotated);
        house.failures.inc_by(u64::try_from(done.failures.len()).unwrap_or(u64::MAX));
        if done.failures.is_empty() {
            house.success.set(now.as_secs().cast_signed());
        }
    }
}
