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
use prometheus_client::registry::Registry;

use crate::app::AppState;
use crate::http::{Listener, Problem};
use crate::limit::Limit;

/// The text format of `OpenMetrics` 1.0, which Prometheus reads.
const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    listener: &'static str,
    status: &'static str,
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
    total: Arc<AtomicU64>,
}

impl Default for Metrics {
    fn default() -> Self {
        let requests = Family::<Answer, Counter>::default();
        let mut registry = Registry::with_prefix("sealgate");
        registry.register("http_requests", "Requests answered, by listener and class of status", requests.clone());
        let limited = Family::<Reached, Counter>::default();
        registry.register("rate_limited", "Requests refused because a limit was reached, by limit", limited.clone());
        Self { registry: Arc::new(registry), requests, limited, total: Arc::default() }
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
