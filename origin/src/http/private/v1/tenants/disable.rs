//! `POST /v1/tenants/{id}/disable`: ends a tenant's sessions at once, and lets nobody sign in. Once more changes nothing.

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
    post, path = "/v1/tenants/{id}/disable", operation_id = "disable_tenant", tag = "tenants",
    summary = "End a tenant's sessions at once, and let nobody sign in",
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
    app.office.disable_tenant(&id).await?;
    Ok(Json(app.office.show_tenant(&id).await?.into()))
}
