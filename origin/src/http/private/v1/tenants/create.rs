//! `POST /v1/tenants`: makes a tenant with its first signing keys.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sealgate_shared::id::TenantId;

use super::hosts::check_number;
use crate::app::AppState;
use crate::http::Problem;
use crate::http::extract::{JsonBody, OperatorCaller};
use crate::http::tenant_object::TenantObject;
use crate::office::OfficeError;
use crate::store::StoreError;

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
