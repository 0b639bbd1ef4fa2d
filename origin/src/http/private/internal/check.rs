//! `POST /internal/check`: is this session revoked?

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use sealgate_shared::id::{SessionId, TenantId};
use serde::Serialize;

use crate::app::AppState;
use crate::http::Problem;
use crate::http::extract::{EdgeCaller, JsonBody};
use crate::store::CheckAnswer;

#[derive(Debug, Serialize)]
pub(in crate::http) struct Answer {
    status: &'static str,
}

pub(in crate::http) async fn post(
    edge: EdgeCaller,
    State(app): State<AppState>,
    JsonBody(mut fields): JsonBody,
) -> Result<Json<Answer>, Problem> {
    let tenant: TenantId = fields.required("tenant")?;
    let session: SessionId = fields.required("session")?;
    fields.finish()?;
    if !edge.serves(&tenant) {
        let detail = "This edge does not serve that tenant.";
        return Err(Problem::new(StatusCode::FORBIDDEN, "tenant_not_allowed", detail));
    }
    let status = match app.office.store().check_session(&tenant, session, app.office.now()).await? {
        CheckAnswer::Live => "live",
        CheckAnswer::Revoked => "revoked",
    };
    Ok(Json(Answer { status }))
}
