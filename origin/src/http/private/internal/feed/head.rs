//! `GET /internal/feed/{edge}/{seal}/head`: where the sequence of revocations stands, and its last entries.

use std::time::Instant;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use sealgate_shared::revocation::Position;

use super::{answer, find_reader};
use crate::app::AppState;
use crate::http::extract::EdgeCaller;
use crate::http::{FeedDocument, Problem};

use crate::http::private::internal::restored::suspect_restore;
use crate::office::HeadRequest;

const CHALLENGE: &str = "x-sealgate-challenge";
const POSITION: &str = "x-sealgate-position";
const REPORT: &str = "x-sealgate-report";

/// Without the last directive (RFC 9111 §5.2.2.2) a cache may go on serving it while we do not answer.
const SHARED: &str = "public, max-age=1, must-revalidate";

pub(in crate::http) async fn get(
    edge: EdgeCaller,
    State(app): State<AppState>,
    Path((named, seal)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let arrived = Instant::now();
    let reader = find_reader(&app, &edge, &named, &seal).await?;
    let challenge = read_challenge(&headers)?;
    let held = read_position(&headers)?;
    if let Some(report) = headers.get(REPORT) {
        app.metrics.take_report(&edge.id, report.to_str().unwrap_or("?"));
    }
    let mut request = HeadRequest { arrived, challenge: challenge.unwrap_or_default() };
    // We never were there: this is a backup of the database that was. The edge would ignore our head.
    if let Some(held) = held
        && let Some(shown) = app.office.lacks(held, arrived).await?
    {
        suspect_restore(&app, shown).await?;
        request.arrived = Instant::now();
    }
    let document = app.office.seal_head(&reader, request).await?;
    app.metrics.count_feed(FeedDocument::Head, document.len());
    Ok(answer(document, if challenge.is_some() { "no-store" } else { SHARED }))
}

/// What a direct answer repeats.
fn read_challenge(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(value) = headers.get(CHALLENGE) else { return Ok(None) };
    let challenge = value.to_str().unwrap_or_default();
    let sane = challenge.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if sane && (1..=64).contains(&challenge.len()) {
        return Ok(Some(challenge));
    }
    Err(Problem::invalid_field(CHALLENGE, "The challenge has 1 to 64 letters, digits and hyphens."))
}

/// Up to where the edge holds everything.
fn read_position(headers: &HeaderMap) -> Result<Option<Position>, Problem> {
    let Some(value) = headers.get(POSITION) else { return Ok(None) };
    let position = value.to_str().unwrap_or_default().parse();
    position.map(Some).map_err(|error| Problem::invalid_field(POSITION, format!("The position {error}.")))
}
