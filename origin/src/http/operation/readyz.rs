//! `GET /readyz`: the database answers and has every migration.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::app::AppState;
use crate::http::Problem;

pub(in crate::http) async fn get(State(app): State<AppState>) -> Result<Json<Value>, Problem> {
    if app.office.store().check_ready().await? {
        Ok(Json(json!({ "status": "ready" })))
    } else {
        Err(Problem::unavailable("migrations_missing", "The database lacks migrations."))
    }
}
