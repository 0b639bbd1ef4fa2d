//! `PUT /v1/tenants/{id}/hosts`: has a tenant's sites answer to these hosts and no other.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use utoipa::ToSchema;

use super::show::read_id;
use crate::app::AppState;
use crate::host_name::{HostName, MAX_HOSTS};
use crate::http::Problem;
use crate::http::document::{Problems, TenantInPath};
use crate::http::extract::{JsonBody, OperatorCaller};
use crate::http::tenant_object::TenantObject;

/// The hosts; any, if there is none.
#[derive(ToSchema)]
#[schema(example = json!({ "hosts": ["shop.example"] }))]
#[expect(dead_code, reason = "describes a body")]
struct Hosts {
    hosts: Vec<String>,
}

#[utoipa::path(
    put, path = "/v1/tenants/{id}/hosts", operation_id = "replace_hosts", tag = "tenants",
    summary = "Have a tenant's sites answer to these hosts and no other",
    params(TenantInPath),
    request_body(content = Hosts),
    responses((status = 200, description = "The tenant", body = TenantObject), Problems),
    security(("operator_token" = []))
)]
pub(in crate::http) async fn put(
    _: OperatorCaller,
    State(app): State<AppState>,
    path: Result<Path<String>, PathRejection>,
    JsonBody(mut fields): JsonBody,
) -> Result<Json<TenantObject>, Problem> {
    let id = read_id(path)?;
    // Not optional: without hosts the tenant answers to any.
    let hosts = check_number(fields.required_list("hosts")?)?;
    fields.finish()?;
    app.office.replace_hosts(&id, &hosts).await?;
    Ok(Json(app.office.show_tenant(&id).await?.into()))
}

/// Refuses too many; a host named twice is one host.
pub(super) fn check_number(mut hosts: Vec<HostName>) -> Result<Vec<HostName>, Problem> {
    hosts.sort();
    hosts.dedup();
    if hosts.len() > MAX_HOSTS {
        return Err(Problem::invalid_field("hosts", format!("The value must have at most {MAX_HOSTS} entries.")));
    }
    Ok(hosts)
}
