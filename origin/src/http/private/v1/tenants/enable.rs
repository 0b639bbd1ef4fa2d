//! `POST /v1/tenants/{id}/enable`: lets people of a disabled tenant sign in again. The sessions they had stay ended.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};

use super::show::read_id;
use crate::app::AppState;
use crate::http::Problem;
use crate::http::extract::OperatorCaller;
use crate::http::tenant_object::TenantObject;

pub(in crate::http) async fn post(
    _: OperatorCaller,
    State(app): State<AppState>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<TenantObject>, Problem> {
    let id = read_id(path)?;
    app.office.enable_tenant(&id).await?;
    Ok(Json(app.office.show_tenant(&id).await?.into()))
}
