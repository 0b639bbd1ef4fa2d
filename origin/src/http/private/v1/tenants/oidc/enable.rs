//! `POST /v1/tenants/{id}/oidc/{provider}/enable`: lets people sign in by a provider again. Once more changes nothing.

use axum::Json;
use axum::extract::State;

use super::{ProviderPath, find, read_path, require_done};
use crate::app::AppState;
use crate::http::Problem;
use crate::http::document::{Problems, ProviderInPath, TenantInPath};
use crate::http::extract::OperatorCaller;
use crate::http::provider_object::ProviderObject;
use crate::store::ProviderChange;

#[utoipa::path(
    post, path = "/v1/tenants/{id}/oidc/{provider}/enable", operation_id = "enable_provider", tag = "OpenID providers",
    summary = "Let people sign in by a provider again",
    params(TenantInPath, ProviderInPath),
    responses((status = 200, description = "The provider", body = ProviderObject), Problems),
    security(("operator_token" = []))
)]
pub(in crate::http) async fn post(
    _: OperatorCaller,
    State(app): State<AppState>,
    path: ProviderPath,
) -> Result<Json<ProviderObject>, Problem> {
    let (tenant, id) = read_path(path)?;
    require_done(app.office.change_oidc_provider(&tenant, &id, &ProviderChange::Enable).await?)?;
    Ok(Json(find(&app, &tenant, &id).await?.into()))
}
