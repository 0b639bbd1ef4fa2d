//! `PUT /v1/tenants/{id}/oidc/{provider}`: gives a provider other settings. What is absent becomes as usual; but a secret
//! that is absent stays, and `null` takes it away.

use axum::Json;
use axum::extract::State;

use super::settings::{self, parsed};
use super::{ProviderPath, find, read_path, require_done};
use crate::app::AppState;
use crate::http::Problem;
use crate::http::document::{Problems, ProviderInPath, TenantInPath};
use crate::http::extract::{JsonBody, OperatorCaller};
use crate::http::provider_object::ProviderObject;
use crate::office::NewSecret;

#[utoipa::path(
    put, path = "/v1/tenants/{id}/oidc/{provider}", operation_id = "replace_provider", tag = "OpenID providers",
    summary = "Give a provider other settings",
    params(TenantInPath, ProviderInPath),
    request_body(content = settings::Settings),
    responses((status = 200, description = "The provider", body = ProviderObject), Problems),
    security(("operator_token" = []))
)]
pub(in crate::http) async fn put(
    _: OperatorCaller,
    State(app): State<AppState>,
    path: ProviderPath,
    JsonBody(mut fields): JsonBody,
) -> Result<Json<ProviderObject>, Problem> {
    let (tenant, id) = read_path(path)?;
    let settings = settings::read(&app, &id, &mut fields)?;
    let secret = if fields.contains("client_secret") {
        NewSecret::Set(parsed(&mut fields, "client_secret")?)
    } else {
        NewSecret::Keep
    };
    fields.finish()?;
    require_done(app.office.replace_oidc_provider(&tenant, &id, &settings, &secret).await?)?;
    Ok(Json(find(&app, &tenant, &id).await?.into()))
}
