//! `GET /metrics`: counts for Prometheus. Each application has a registry of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use sealgate_shared::time::UnixMillis;

use crate::app::AppState;
use crate::http::{Listener, Problem};
use crate::limit::Limit;
use crate::office::Housekeeping;

/// The text format of `OpenMetrics` 1.0, which Prometheus reads.
const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    listener: &'static str,
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Swept {
    what: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reached {
    limit: &'static str,
}

/// The counters of one application.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    registry: Arc<Registry>,
    requests: Family<Answer, Counter>,
    limited: Family<Reached, Counter>,
    swept: Family<Swept, Counter>,
    key_rotations: Counter,
    housekeeping_failures: Counter,
    housekeeping_success: Gauge,
    total: Arc<AtomicU64>,
}

impl Default for Metrics {
    fn default() -> Self {
        let requests = Family::<Answer, Counter>::default();
        let mut registry = Registry::with_prefix("sealgate");
        registry.register("http_requests", "Requests answered, by listener and class of status", requests.clone());
        let limited = Family::<Reached, Counter>::default();
        registry.register("rate_limited", "Requests refused because a limit was reached, by limit", limited.clone());
        let swept = Family::<Swept, Counter>::default();
        for (what, _) in Housekeeping::default().counts() {
            // So that what never happened shows as zero.
            drop(swept.get_or_create(&Swept { what }));
        }
        registry.register("swept", "What housekeeping did away with, by kind", swept.clone());
        let key_rotations = Counter::default();
        registry.register("key_rotations", "Signing keys rotated on schedule", key_rotations.clone());
        let housekeeping_failures = Counter::default();
        let help = "Steps of housekeeping that failed";
        registry.register("housekeeping_failures", help, housekeeping_failures.clone());
        let housekeeping_success = Gauge::default();
        let help = "When a round of housekeeping last went well";
        registry.register("housekeeping_success_timestamp_seconds", help, housekeeping_success.clone());
        Self {
            registry: Arc::new(registry),
            requests,
            limited,
            swept,
            key_rotations,
            housekeeping_failures,
            housekeeping_success,
            total: Arc::default(),
        }
    }
}

impl Metrics {
    /// Counts a request that was answered.
    pub(crate) fn count_request(&self, listener: Listener, status: StatusCode) {
        let status = match status.as_u16() {
            100..=199 => "1xx",
            200..=299 => "2xx",
            300..=399 => "3xx",
            400..=499 => "4xx",
            _ => "5xx",
        };
        self.requests.get_or_create(&Answer { listener: listener.as_str(), status }).inc();
        self.total.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a request that was refused for a limit.
    pub(crate) fn count_limited(&self, limit: Limit) {
        self.limited.get_or_create(&Reached { limit: limit.as_str() }).inc();
    }

    /// Counts what a round of housekeeping did.
    pub(crate) fn count_housekeeping(&self, done: &Housekeeping, now: UnixMillis) {
        for (what, count) in done.counts() {
            self.swept.get_or_create(&Swept { what }).inc_by(count);
        }
        self.key_rotations.inc_by(done.rotated);
        self.housekeeping_failures.inc_by(u64::try_from(done.failures.len()).unwrap_or(u64::MAX));
        if done.failures.is_empty() {
            self.housekeeping_success.set(now.as_secs().cast_signed());
        }
    }

    /// How many requests were answered so far.
    pub(crate) fn total_requests(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }
}

pub(in crate::http) async fn get(State(app): State<AppState>) -> Result<Response, Problem> {
    let mut text = String::new();
    encode(&mut text, &app.metrics.registry).map_err(|_| Problem::internal())?;
    Ok(([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response())
}
