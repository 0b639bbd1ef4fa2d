//! `GET /v1/dev/samples?tenant=`: cookies for the demonstration's buttons, one good and three bad.

use axum::Json;
use axum::extract::State;
use sealgate_shared::id::TenantId;
use serde::Serialize;

use crate::app::AppState;
use crate::credential::Scope;
use crate::http::Problem;
use crate::http::extract::{Parameters, ServiceCaller};

#[derive(Serialize)]
pub(in crate::http) struct Answer {
    good: String,
    bent: String,
    expired: String,
    other_tenant: String,
    origin_requests: u64,
}

pub(in crate::http) async fn get(
    caller: ServiceCaller,
    State(app): State<AppState>,
    mut parameters: Parameters,
) -> Result<Json<Answer>, Problem> {
    caller.require(Scope::Mint)?;
    let tenant: TenantId = parameters.required("tenant")?;
    parameters.finish()?;
    if tenant != caller.tenant {
        return Err(Problem::tenant_not_found());
    }
    let samples = app.office.make_samples(&tenant).await?;
    Ok(Json(Answer {
        good: samples.good,
        bent: samples.bent,
        expired: samples.expired,
        other_tenant: samples.other_tenant,
        origin_requests: app.metrics.total_requests(),
    }))
}
