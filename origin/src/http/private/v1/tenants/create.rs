//! `POST /v1/tenants`: makes a tenant with its first signing keys.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sealgate_shared::id::TenantId;
use utoipa::ToSchema;

use super::hosts::check_number;
use crate::app::AppState;
use crate::http::Problem;
use crate::http::document::Problems;
use crate::http::extract::{JsonBody, OperatorCaller};
use crate::http::tenant_object::TenantObject;
use crate::office::OfficeError;
use crate::store::StoreError;

/// A tenant to be made.
#[derive(ToSchema)]
#[schema(example = json!({ "id": "shop", "hosts": ["shop.example"] }))]
#[expect(dead_code, reason = "describes a body")]
struct NewTenant {
    #[schema(pattern = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
    id: String,
    /// The hosts that its sites answer to; any, if there is none.
    hosts: Option<Vec<String>>,
}

#[utoipa::path(
    post, path = "/v1/tenants", operation_id = "create_tenant", tag = "tenants",
    summary = "Make a tenant with its first signing keys",
    request_body(content = NewTenant),
    responses((status = 201, description = "Made", body = TenantObject, headers(("location" = String, description = "The tenant's path"))), Problems),
    security(("operator_token" = []))
)]
pub(in crate::http) async fn post(
    _: OperatorCaller,
    State(app): State<AppState>,
    JsonBody(mut fields): JsonBody,
) -> Result<Response, Problem> {
    let id: TenantId = fields.required("id")?;
    let hosts = check_number(fields.list("hosts")?)?;
    fields.finish()?;
    app.office.create_tenant(&id, &hosts).await.map_err(|error| match error {
        OfficeError::Store(StoreError::Exists) => {
            Problem::new(StatusCode::CONFLICT, "tenant_exists", format!("There is a tenant {id} already."))
        }
        other => other.into(),
    })?;
    let location = format!("/v1/tenants/{id}");
    let tenant = TenantObject::from(app.office.show_tenant(&id).await?);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(tenant)).into_response())
}
