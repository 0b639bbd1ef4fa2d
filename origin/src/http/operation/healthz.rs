//! `GET /healthz`: the process runs.

use axum::Json;
use serde_json::{Value, json};

pub(in crate::http) async fn get() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}
