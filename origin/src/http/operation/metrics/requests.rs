//! Requests, whatever they are about.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::Metrics;
use crate::http::Listener;
use crate::limit::Limit;

/// Upper bounds in seconds. A check from memory takes less than the first, a request that is given up more than the last.
const SECONDS: [f64; 11] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 2.5, 5.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    listener: &'static str,
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Through {
    listener: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reached {
    limit: &'static str,
}

#[derive(Clone, Debug)]
pub(super) struct Requests {
    answered: Family<Answer, Counter>,
    durations: Family<Through, Histogram, fn() -> Histogram>,
    limited: Family<Reached, Counter>,
    total: Arc<AtomicU64>,
}

impl Requests {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let answered = Family::<Answer, Counter>::default();
        registry.register("http_requests", "Requests answered, by listener and class of status", answered.clone());
        let durations: Family<_, _, fn() -> _> = Family::new_with_constructor(|| Histogram::new(SECONDS));
        registry.register("http_request_duration_seconds", "How long answers took, by listener", durations.clone());
        let limited = Family::<Reached, Counter>::default();
        registry.register("rate_limited", "Requests refused because a limit was reached, by limit", limited.clone());
        Self { answered, durations, limited, total: Arc::default() }
    }
}

impl Metrics {
    /// Counts a request that was answered.
    pub(crate) fn count_request(&self, listener: Listener, status: StatusCode, took: Duration) {
        let requests = &self.requests;
        let status = match status.as_u16() {
            100..=199 => "1xx",
            200..=299 => "2xx",
            300..=399 => "3xx",
            400..=499 => "4xx",
            _ => "5xx",
        };
        let listener = listener.as_str();
        requests.answered.get_or_create(&Answer { listener, status }).inc();
        requests.durations.get_or_create(&Through { listener }).observe(took.as_secs_f64());
        requests.total.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a request that was refused for a limit.
    pub(crate) fn count_limited(&self, limit: Limit) {
        self.requests.limited.get_or_create(&Reached { limit: limit.as_str() }).inc();
    }

    /// How many requests were answered so far.
    pub(crate) fn total_requests(&self) -> u64 {
        self.requests.total.load(Ordering::Relaxed)
    }
}
