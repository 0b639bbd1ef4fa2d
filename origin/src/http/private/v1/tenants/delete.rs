//! `DELETE /v1/tenants/{id}?confirm={id}`: deletes a tenant, its sessions, keys and service tokens, for good.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::show::read_id;
use crate::app::AppState;
use crate::http::Problem;
use crate::http::document::{Problems, TenantInPath};
use crate::http::extract::{OperatorCaller, Parameters};

/// How much went with the tenant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeletedTenant)]
pub(in crate::http) struct Answer {
    sessions: u64,
    keys: u64,
    tokens: u64,
}

#[utoipa::path(
    delete, path = "/v1/tenants/{id}", operation_id = "delete_tenant", tag = "tenants",
    summary = "Delete a tenant, its sessions, keys and service tokens, for good",
    params(
        TenantInPath,
        ("confirm" = String, Query, description = "The tenant's id once more")
    ),
    responses((status = 200, description = "How much went with it", body = Answer), Problems),
    security(("operator_token" = []))
)]
pub(in crate::http) async fn delete(
    _: OperatorCaller,
    State(app): State<AppState>,
    path: Result<Path<String>, PathRejection>,
    mut parameters: Parameters,
) -> Result<Json<Answer>, Problem> {
    let id = read_id(path)?;
    let confirm: Option<String> = parameters.optional("confirm")?;
    parameters.finish()?;
    if confirm.as_deref() != Some(id.as_str()) {
        // Whoever is not sure learns whether there is anything to be sure about.
        app.office.require_tenant(&id).await?;
        return Err(ask_to_be_sure());
    }
    let deleted = app.office.delete_tenant(&id).await?;
    Ok(Json(Answer { sessions: deleted.sessions, keys: deleted.keys, tokens: deleted.tokens }))
}

fn ask_to_be_sure() -> Problem {
    let detail = "This cannot be undone: repeat the tenant's id in the parameter confirm. Nothing was deleted.";
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "confirmation_required", detail).about("confirm")
}
