//! `GET /readyz`: the database answers and has every migration, and the clock is right.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::app::AppState;
use crate::http::Problem;

/// How far this machine's clock may be from the database's. It is set right by it; but one that is further off is not
/// looked after, and its next error may be sudden.
const MAX_CLOCK_ERROR_MS: u64 = 1_000;

pub(in crate::http) async fn get(State(app): State<AppState>) -> Result<Json<Value>, Problem> {
    if !app.office.store().check_ready().await? {
        return Err(Problem::unavailable("migrations_missing", "The database lacks migrations."));
    }
    let error_ms = app.office.clock_error_ms();
    if error_ms > MAX_CLOCK_ERROR_MS {
        let detail = format!("This machine's clock differs from the database's by {error_ms} ms.");
        return Err(Problem::unavailable("clock_wrong", detail));
    }
    Ok(Json(json!({ "status": "ready" })))
}
