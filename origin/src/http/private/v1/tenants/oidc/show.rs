//! `GET /v1/tenants/{id}/oidc/{provider}`: one provider.

use axum::Json;
use axum::extract::State;

use super::{ProviderPath, find, read_path};
use crate::app::AppState;
use crate::http::Problem;
use crate::http::document::{Problems, ProviderInPath, TenantInPath};
use crate::http::extract::OperatorCaller;
use crate::http::provider_object::ProviderObject;

#[utoipa::path(
    get, path = "/v1/tenants/{id}/oidc/{provider}", operation_id = "show_provider", tag = "OpenID providers",
    summary = "One provider",
    params(TenantInPath, ProviderInPath),
    responses((status = 200, description = "The provider", body = ProviderObject), Problems),
    security(("operator_token" = []))
)]
pub(in crate::http) async fn get(
    _: OperatorCaller,
    State(app): State<AppState>,
    path: ProviderPath,
) -> Result<Json<ProviderObject>, Problem> {
    let (tenant, id) = read_path(path)?;
    Ok(Json(find(&app, &tenant, &id).await?.into()))
}
