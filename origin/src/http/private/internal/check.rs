//! `POST /internal/check`: is this session revoked?

use axum::Json;
use axum::extract::State;
use sealgate_shared::id::{SessionId, TenantId};
use serde::Serialize;

use crate::app::AppState;
use crate::clock::milliseconds;
use crate::http::Problem;
use crate::http::extract::{EdgeCaller, JsonBody};

#[derive(Debug, Serialize)]
pub(in crate::http) struct Answer {
    status: &'static str,
    /// How old the reading is that says so, in milliseconds.
    age_ms: u64,
    /// The version of the keyring: an edge that holds an older one fetches it.
    #[serde(skip_serializing_if = "Option::is_none")]
    keyring: Option<u64>,
}

pub(in crate::http) async fn post(
    edge: EdgeCaller,
    State(app): State<AppState>,
    JsonBody(mut fields): JsonBody,
) -> Result<Json<Answer>, Problem> {
    let tenant: TenantId = fields.required("tenant")?;
    let session: SessionId = fields.required("session")?;
    let exact = fields.flag("exact")?;
    fields.finish()?;
    edge.require(&tenant)?;
    let standing = app.office.session_standing(&tenant, session, exact).await?;
    app.metrics.count_check(&standing);
    let age_ms = milliseconds(standing.age);
    Ok(Json(Answer { status: if standing.live { "live" } else { "revoked" }, age_ms, keyring: standing.keyring }))
}
