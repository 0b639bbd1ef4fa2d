//! What edges have counted. They tell it along with their questions, so that it can be looked up here: an edge has no
//! place of its own that anybody could ask.
//!
//! An edge may lie about its counts, and about nobody else's: it is a label.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::counter::Counter as Count;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::{MetricType, TypedMetric};
use prometheus_client::registry::Registry;
use sealgate_shared::id::EdgeId;
use sealgate_shared::report::{Age, Counter, Report};

use super::Metrics;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfEdge {
    edge: String,
}

/// A set of labels: the edge, and one whose name says what the other is about.
macro_rules! labels {
    ($name:ident, $label:ident) => {
        #[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
        struct $name {
            edge: String,
            $label: &'static str,
        }
    };
}

labels!(Verdict, verdict);
labels!(Code, code);
labels!(Outcome, outcome);
labels!(Action, action);

#[derive(Clone, Debug, Default)]
pub(super) struct Edges {
    reports: Family<OfEdge, Count>,
    malformed: Family<OfEdge, Count>,
    requests: Family<Verdict, Count>,
    refusals: Family<Code, Count>,
    ages: Family<OfEdge, Ages>,
    feed: Family<Outcome, Count>,
    snapshots: Family<Outcome, Count>,
    keyrings: Family<Outcome, Count>,
    checks: Family<Outcome, Count>,
    refreshes: Family<Outcome, Count>,
    stale: Family<Action, Count>,
    dropped_cookies: Family<OfEdge, Count>,
}

impl Edges {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let this = Self::default();
        let registry = registry.sub_registry_with_prefix("edge");
        registry.register("reports", "Reports that edges sent", this.reports.clone());
        registry.register("reports_malformed", "Reports that were none and were ignored", this.malformed.clone());
        registry.register("requests", "Requests that the edge let through, by why", this.requests.clone());
        registry.register("refusals", "Requests that the edge refused, by code", this.refusals.clone());
        let help = "Age of what the edge knew of revocations when it decided about a session; \
            the sum takes each age for the bound of its bucket, and one beyond the last for that";
        registry.register("revocation_age_seconds", help, this.ages.clone());
        registry.register("feed", "Heads of the feed that the edge asked for, by outcome", this.feed.clone());
        registry.register("snapshots", "Snapshots that the edge asked for, by outcome", this.snapshots.clone());
        registry.register("keyrings", "Keyrings that the edge asked for, by outcome", this.keyrings.clone());
        registry.register("checks", "Sessions that the edge asked about, by outcome", this.checks.clone());
        let help = "Sessions that the edge had refreshed, by outcome";
        registry.register("refreshes", help, this.refreshes.clone());
        let help = "Decisions while what the edge knew was too old, by what the route wants then";
        registry.register("stale", help, this.stale.clone());
        let help = "Set-Cookie lines of applications that would have set a cookie of ours, and were dropped";
        registry.register("cookies_dropped", help, this.dropped_cookies.clone());
        this
    }

    fn count(&self, edge: &str, counter: Counter, count: u64) {
        let edge = edge.to_owned();
        let by = |family: &Family<Outcome, Count>, outcome| {
            family.get_or_create(&Outcome { edge: edge.clone(), outcome }).inc_by(count);
        };
        match counter {
            Counter::Forward(forwarded) => {
                self.requests.get_or_create(&Verdict { edge, verdict: forwarded.label() }).inc_by(count);
            }
            Counter::Refuse(refused) => {
                self.refusals.get_or_create(&Code { edge, code: refused.code() }).inc_by(count);
            }
            Counter::Age(age) => self.ages.get_or_create(&OfEdge { edge }).add(age, count),
            Counter::Feed(outcome) => by(&self.feed, outcome.label()),
            Counter::Snapshot(outcome) => by(&self.snapshots, outcome.label()),
            Counter::Keyring(outcome) => by(&self.keyrings, outcome.label()),
            Counter::Check(outcome) => by(&self.checks, outcome.label()),
            Counter::Refresh(outcome) => by(&self.refreshes, outcome.label()),
            Counter::Stale(stale) => {
                self.stale.get_or_create(&Action { edge, action: stale.label() }).inc_by(count);
            }
            Counter::DroppedCookie => {
                self.dropped_cookies.get_or_create(&OfEdge { edge }).inc_by(count);
            }
        }
    }
}

impl Metrics {
    /// Counts what an edge has counted since it last told. What is not a report is ignored, but for the count of those.
    pub(crate) fn take_report(&self, edge: &EdgeId, report: &str) {
        let of_edge = OfEdge { edge: edge.to_string() };
        let Ok(report) = report.parse::<Report>() else {
            self.edges.malformed.get_or_create(&of_edge).inc();
            return;
        };
        self.edges.reports.get_or_create(&of_edge).inc();
        // So that the first that is malformed is seen to be the first.
        drop(self.edges.malformed.get_or_create(&of_edge));
        for (counter, count) in report.iter() {
            self.edges.count(&of_edge.edge, counter, count);
        }
    }
}

/// A histogram that is added to in numbers: edges tell how many ages fell between which bounds.
#[derive(Clone, Debug, Default)]
struct Ages(Arc<[AtomicU64; Age::ALL.len()]>);

impl Ages {
    fn add(&self, age: Age, count: u64) {
        let bucket = Age::ALL.iter().zip(self.0.iter()).find(|(bucket, _)| **bucket == age);
        if let Some((_, held)) = bucket {
            held.fetch_add(count, Ordering::Relaxed);
        }
    }
}

impl TypedMetric for Ages {
    const TYPE: MetricType = MetricType::Histogram;
}

impl EncodeMetric for Ages {
    #[expect(clippy::cast_precision_loss, reason = "counts are exact up to 2^53, and the sum is an estimate anyway")]
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), fmt::Error> {
        let seconds = |age: &Age| age.bound().map(|bound| Duration::from_millis(bound).as_secs_f64());
        let last = Age::ALL.iter().filter_map(seconds).fold(0.0, f64::max);
        let held: Vec<u64> = self.0.iter().map(|held| held.load(Ordering::Relaxed)).collect();
        let (mut sum, mut buckets) = (0.0, Vec::new());
        for (age, count) in Age::ALL.iter().zip(&held) {
            sum += seconds(age).unwrap_or(last) * *count as f64;
            buckets.push((seconds(age).unwrap_or(f64::INFINITY), *count));
        }
        encoder.encode_histogram::<NoLabelSet>(sum, held.iter().sum(), &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        Self::TYPE
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text::encode;
    use sealgate_shared::report::{MAX_COUNT, MAX_LENGTH};

    use super::*;

    /// The lines of what is told once these reports of one edge were taken.
    fn told(reports: &[&str]) -> Vec<String> {
        let metrics = Metrics::default();
        for report in reports {
            metrics.take_report(&"dev".parse().unwrap(), report);
        }
        let mut text = String::new();
        encode(&mut text, &metrics.registry).unwrap();
        text.lines().filter(|line| line.starts_with("sealgate_edge_")).map(str::to_owned).collect()
    }

    #[test]
    fn every_counter_is_told_of() {
        let silent = told(&[""]);
        for counter in Counter::all() {
            let lines = told(&[&format!("{counter}=1234567")]);
            let new: Vec<_> = lines.iter().filter(|line| !silent.contains(line)).collect();
            assert!(new.iter().any(|line| line.ends_with(" 1234567")), "{counter}: {new:#?}");
            assert!(new.iter().all(|line| line.contains("edge=\"dev\"")), "{counter}: {new:#?}");
        }
    }

    #[test]
    fn reports_add_up() {
        let lines = told(&["forward.session=2,refuse.revoked=1,age.100=2", "forward.session=3,age.more=1,age.250=4"]);
        for line in [
            "sealgate_edge_reports_total{edge=\"dev\"} 2",
            "sealgate_edge_reports_malformed_total{edge=\"dev\"} 0",
            "sealgate_edge_requests_total{edge=\"dev\",verdict=\"session\"} 5",
            "sealgate_edge_refusals_total{edge=\"dev\",code=\"revoked\"} 1",
            "sealgate_edge_revocation_age_seconds_bucket{le=\"0.1\",edge=\"dev\"} 2",
            "sealgate_edge_revocation_age_seconds_bucket{le=\"0.25\",edge=\"dev\"} 6",
            "sealgate_edge_revocation_age_seconds_bucket{le=\"3.0\",edge=\"dev\"} 6",
            "sealgate_edge_revocation_age_seconds_bucket{le=\"+Inf\",edge=\"dev\"} 7",
            "sealgate_edge_revocation_age_seconds_count{edge=\"dev\"} 7",
            "sealgate_edge_revocation_age_seconds_sum{edge=\"dev\"} 4.2",
        ] {
            assert!(lines.iter().any(|told| told == line), "{line} is not in\n{lines:#?}");
        }
    }

    #[test]
    fn what_is_not_a_report_is_counted_and_changes_nothing_else() {
        let too_many = format!("feed.ok={}", MAX_COUNT + 1);
        let too_long = "feed.ok=1,".repeat(MAX_LENGTH / 10 + 1);
        let odd = ["feed.ok=1,feed.fine=2", "forward.public", "feed.ok=-1", &too_many, &too_long];
        assert_eq!(told(&odd), [format!("sealgate_edge_reports_malformed_total{{edge=\"dev\"}} {}", odd.len())]);
    }

    #[test]
    fn an_edge_that_lies_a_thousand_times_overflows_nothing() {
        let lie = format!("feed.ok={MAX_COUNT},age.more={MAX_COUNT}");
        let lines = told(&vec![lie.as_str(); 1_000]);
        let told = |line: &str| lines.iter().any(|told| told == line);
        assert!(told("sealgate_edge_feed_total{edge=\"dev\",outcome=\"ok\"} 1000000000000"), "{lines:#?}");
        assert!(told("sealgate_edge_revocation_age_seconds_count{edge=\"dev\"} 1000000000000"), "{lines:#?}");
    }
}
