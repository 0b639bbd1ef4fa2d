//! `GET /v1/tenants/{id}/oidc`: a tenant's providers, by id.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::show::read_id;
use crate::app::AppState;
use crate::http::Problem;
use crate::http::document::{Problems, TenantInPath};
use crate::http::extract::OperatorCaller;
use crate::http::provider_object::ProviderObject;

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Providers)]
pub(in crate::http) struct Answer {
    providers: Vec<ProviderObject>,
}

#[utoipa::path(
    get, path = "/v1/tenants/{id}/oidc", operation_id = "list_providers", tag = "OpenID providers",
    summary = "A tenant's providers, by id",
    params(TenantInPath),
    responses((status = 200, description = "All of them", body = Answer), Problems),
    security(("operator_token" = []))
)]
pub(in crate::http) async fn get(
    _: OperatorCaller,
    State(app): State<AppState>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<Answer>, Problem> {
    let tenant = read_id(path)?;
    app.office.require_tenant(&tenant).await?;
    let providers = app.office.list_oidc_providers(&tenant).await?;
    Ok(Json(Answer { providers: providers.into_iter().map(ProviderObject::from).collect() }))
}
