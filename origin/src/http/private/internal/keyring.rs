//! `GET /internal/keyring`: the keys of the edge's tenants, sealed to the edge.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::app::AppState;
use crate::http::Problem;
use crate::http::extract::EdgeCaller;

pub(in crate::http) async fn get(
    edge: EdgeCaller,
    State(app): State<AppState>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let version = app.office.keyring_version().await?;
    if holds(&headers, version) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, write_etag(version))]).into_response());
    }
    let ring = app.office.seal_keyring(&edge.id, &edge.tenants).await?;
    let headers =
        [(header::CONTENT_TYPE, "application/octet-stream".to_owned()), (header::ETAG, write_etag(ring.version))];
    Ok((headers, ring.document).into_response())
}

fn write_etag(version: u64) -> String {
    format!("\"{version}\"")
}

/// Whether the caller holds this version already (RFC 9110 §13.1.2).
fn holds(headers: &HeaderMap, version: u64) -> bool {
    let ours = write_etag(version);
    let tags = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
    tags.flat_map(|line| line.split(',')).any(|tag| tag.trim().trim_start_matches("W/") == ours)
}
