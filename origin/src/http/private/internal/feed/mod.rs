//! The revocation feed. Its addresses name the edge and the secret that it holds, so that a cache on the way, which
//! knows neither, hands out to each edge what was sealed to it.

pub(in crate::http) mod head;
pub(in crate::http) mod snapshot;

use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::app::AppState;
use crate::http::Problem;
use crate::http::extract::EdgeCaller;
use crate::office::{ProvedEdge, Reader};

/// Whom the document at that address is sealed to: the caller, and nobody else.
async fn find_reader(app: &AppState, caller: &EdgeCaller, edge: &str, seal: &str) -> Result<Reader, Problem> {
    let reader = app.office.feed_reader(ProvedEdge { id: &caller.id, proof: &caller.proof }).await?;
    let missing = || Problem::new(StatusCode::NOT_FOUND, "no_such_feed", "This edge has no such feed.");
    reader.is_named(edge, seal).then_some(reader).ok_or_else(missing)
}

/// A document that caches may keep so long.
fn answer(document: Vec<u8>, caching: &'static str) -> Response {
    ([(CONTENT_TYPE, "application/octet-stream"), (CACHE_CONTROL, caching)], document).into_response()
}
