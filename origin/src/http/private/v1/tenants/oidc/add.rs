//! `POST /v1/tenants/{id}/oidc`: adds a provider, by which people may sign in at once.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use utoipa::ToSchema;

use super::super::show::read_id;
use super::settings::{self, parsed};
use super::{find, require_done};
use crate::app::AppState;
use crate::http::Problem;
use crate::http::document::{Problems, TenantInPath};
use crate::http::extract::{JsonBody, OperatorCaller};
use crate::http::provider_object::ProviderObject;
use crate::oidc::{ProviderId, ProviderSecret};

/// A provider to be added.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a body")]
struct NewProvider {
    #[schema(pattern = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
    id: String,
    #[serde(flatten)]
    settings: settings::Settings,
}

#[utoipa::path(
    post, path = "/v1/tenants/{id}/oidc", operation_id = "add_provider", tag = "OpenID providers",
    summary = "Add a provider, by which people may sign in at once",
    params(TenantInPath),
    request_body(content = NewProvider),
    responses((status = 201, description = "Added", body = ProviderObject, headers(("location" = String, description = "The provider's path"))), Problems),
    security(("operator_token" = []))
)]
pub(in crate::http) async fn post(
    _: OperatorCaller,
    State(app): State<AppState>,
    path: Result<Path<String>, PathRejection>,
    JsonBody(mut fields): JsonBody,
) -> Result<Response, Problem> {
    let tenant = read_id(path)?;
    let id: ProviderId = fields.required("id")?;
    let settings = settings::read(&app, &id, &mut fields)?;
    let secret: Option<ProviderSecret> = parsed(&mut fields, "client_secret")?;
    fields.finish()?;
    require_done(app.office.add_oidc_provider(&tenant, &id, &settings, secret.as_ref()).await?)?;
    let location = format!("/v1/tenants/{tenant}/oidc/{id}");
    let provider = ProviderObject::from(find(&app, &tenant, &id).await?);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(provider)).into_response())
}
