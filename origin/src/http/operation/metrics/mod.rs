//! `GET /metrics`: counts for Prometheus. Each application has a registry of its own.
//!
//! What happens is counted where it happens; where things stand is looked up when somebody asks. What each name means
//! for whoever watches is in `docs/OPERATIONS.md`.

mod back_channel;
mod break_glass;
mod edges;
mod feed;
mod house;
mod requests;
mod revocations;
mod sessions;
mod sign_in;
mod standing;

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::registry::Registry;

use self::back_channel::BackChannel;
use self::break_glass::BreakGlass;
use self::edges::Edges;
use self::feed::Feed;
use self::house::House;
use self::requests::Requests;
use self::revocations::Revocations;
use self::sessions::Sessions;
use self::sign_in::SignIns;
use crate::app::AppState;
use crate::http::Problem;

pub(crate) use self::back_channel::BackChannelEnd;
pub(crate) use self::feed::FeedDocument;

/// The text format of `OpenMetrics` 1.0, which Prometheus reads.
const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The counters of one application.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    registry: Arc<Registry>,
    requests: Requests,
    sessions: Sessions,
    sign_ins: SignIns,
    back_channel: BackChannel,
    break_glass: BreakGlass,
    revocations: Arc<Revocations>,
    feed: Feed,
    edges: Edges,
    house: House,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = new_registry();
        Self {
            requests: Requests::new(&mut registry),
            sessions: Sessions::new(&mut registry),
            sign_ins: SignIns::new(&mut registry),
            back_channel: BackChannel::new(&mut registry),
            break_glass: BreakGlass::new(&mut registry),
            revocations: Arc::new(Revocations::new(&mut registry)),
            feed: Feed::new(&mut registry),
            edges: Edges::new(&mut registry),
            house: House::new(&mut registry),
            registry: Arc::new(registry),
        }
    }
}

fn new_registry() -> Registry {
    Registry::with_prefix("sealgate")
}

pub(in crate::http) async fn get(State(app): State<AppState>) -> Result<Response, Problem> {
    let standing = standing::look(&app).await;
    let mut text = String::new();
    encode_registry(&mut text, &app.metrics.registry)
        .and_then(|()| encode_registry(&mut text, &standing))
        .and_then(|()| encode_eof(&mut text))
        .map_err(|_| Problem::internal())?;
    Ok(([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response())
}
