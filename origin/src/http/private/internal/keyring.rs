//! `GET /internal/keyring`: the keys of the edge's tenants, sealed to the edge.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::restored::suspect_restore;
use crate::app::AppState;
use crate::http::Problem;
use crate::http::extract::EdgeCaller;
use crate::store::Shown;

pub(in crate::http) async fn get(
    edge: EdgeCaller,
    State(app): State<AppState>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let version = app.office.keyring_version().await?;
    match versions_held(&headers).max() {
        Some(held) if held == version => {
            return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, write_etag(version))]).into_response());
        }
        // We never made that version: this is a backup of the database that did. The edge would ignore our ring.
        Some(held) if held > version => suspect_restore(&app, Shown { keyring: held, ..Shown::default() }).await?,
        _ => {}
    }
    let ring = app.office.seal_keyring(&edge.id, &edge.proof, edge.tenants()).await?;
    let headers =
        [(header::CONTENT_TYPE, "application/octet-stream".to_owned()), (header::ETAG, write_etag(ring.version))];
    Ok((headers, ring.document).into_response())
}

fn write_etag(version: u64) -> String {
    format!("\"{version}\"")
}

/// The versions that the caller holds already (RFC 9110 §13.1.2).
fn versions_held(headers: &HeaderMap) -> impl Iterator<Item = u64> {
    let lines = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(','))
        .filter_map(|tag| tag.trim().trim_start_matches("W/").strip_prefix('"')?.strip_suffix('"')?.parse().ok())
}
