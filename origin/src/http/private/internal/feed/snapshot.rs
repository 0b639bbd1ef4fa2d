//! `GET /internal/feed/{edge}/{seal}/snapshot/{epoch}/{sequence}`: every revocation that may still matter, up to a
//! position.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use sealgate_shared::revocation::Position;

use super::{answer, find_reader};
use crate::app::AppState;
use crate::http::extract::EdgeCaller;
use crate::http::{FeedDocument, Problem};

/// No entry behind the position ever comes into it; a new one is named every few seconds.
const CACHING: &str = "public, max-age=300, immutable";

pub(in crate::http) async fn get(
    edge: EdgeCaller,
    State(app): State<AppState>,
    Path((named, seal, epoch, sequence)): Path<(String, String, String, String)>,
) -> Result<Response, Problem> {
    let reader = find_reader(&app, &edge, &named, &seal).await?;
    let missing = || Problem::new(StatusCode::NOT_FOUND, "no_such_snapshot", "There is no snapshot of this position.");
    let position: Position = format!("{epoch}.{sequence}").parse().map_err(|_| missing())?;
    // In a task of its own: whoever hangs up has it made for whoever comes next.
    let maker = app.clone();
    let making = tokio::spawn(async move { maker.office.seal_snapshot(reader, position).await });
    let snapshot = making.await.map_err(|_| Problem::internal())??.ok_or_else(missing)?;
    app.metrics.count_feed(FeedDocument::Snapshot, snapshot.len());
    Ok(answer(snapshot, CACHING))
}
