//! `DELETE /v1/tenants/{id}/oidc/{provider}`: removes a provider. The sessions of those who signed in by it stay; its
//! logouts do not reach them any more.

use axum::extract::State;
use axum::http::StatusCode;

use super::{ProviderPath, read_path, require_done};
use crate::app::AppState;
use crate::http::Problem;
use crate::http::document::{Problems, ProviderInPath, TenantInPath};
use crate::http::extract::OperatorCaller;
use crate::store::ProviderChange;

#[utoipa::path(
    delete, path = "/v1/tenants/{id}/oidc/{provider}", operation_id = "remove_provider", tag = "OpenID providers",
    summary = "Remove a provider; sessions stay",
    params(TenantInPath, ProviderInPath),
    responses((status = 204, description = "Removed"), Problems),
    security(("operator_token" = []))
)]
pub(in crate::http) async fn delete(
    _: OperatorCaller,
    State(app): State<AppState>,
    path: ProviderPath,
) -> Result<StatusCode, Problem> {
    let (tenant, id) = read_path(path)?;
    require_done(app.office.change_oidc_provider(&tenant, &id, &ProviderChange::Remove).await?)?;
    Ok(StatusCode::NO_CONTENT)
}
