//! `GET /v1/tenants/{id}`: one tenant.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use sealgate_shared::id::TenantId;

use crate::app::AppState;
use crate::http::Problem;
use crate::http::document::{Problems, TenantInPath};
use crate::http::extract::OperatorCaller;
use crate::http::tenant_object::TenantObject;

#[utoipa::path(
    get, path = "/v1/tenants/{id}", operation_id = "show_tenant", tag = "tenants",
    summary = "One tenant",
    params(TenantInPath),
    responses((status = 200, description = "The tenant", body = TenantObject), Problems),
    security(("operator_token" = []))
)]
pub(in crate::http) async fn get(
    _: OperatorCaller,
    State(app): State<AppState>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<TenantObject>, Problem> {
    let id = read_id(path)?;
    Ok(Json(app.office.show_tenant(&id).await?.into()))
}

/// What is not the id of a tenant is not there.
pub(super) fn read_id(path: Result<Path<String>, PathRejection>) -> Result<TenantId, Problem> {
    path.ok().and_then(|path| path.parse().ok()).ok_or_else(Problem::tenant_not_found)
}
