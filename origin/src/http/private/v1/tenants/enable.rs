//! `POST /v1/tenants/{id}/enable`: lets people of a disabled tenant sign in again. The sessions they had stay ended.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};

use super::show::read_id;
use crate::app::AppState;
use crate::http::Problem;
use crate::http::document::{Problems, TenantInPath};
use crate::http::extract::OperatorCaller;
use crate::http::tenant_object::TenantObject;

#[utoipa::path(
    post, path = "/v1/tenants/{id}/enable", operation_id = "enable_tenant", tag = "tenants",
    summary = "Let people of a disabled tenant sign in again",
    params(TenantInPath),
    responses((status = 200, description = "The tenant", body = TenantObject), Problems),
    security(("operator_token" = []))
)]
pub(in crate::http) async fn post(
    _: OperatorCaller,
    State(app): State<AppState>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<TenantObject>, Problem> {
    let id = read_id(path)?;
    app.office.enable_tenant(&id).await?;
    Ok(Json(app.office.show_tenant(&id).await?.into()))
}
