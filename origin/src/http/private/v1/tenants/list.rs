//! `GET /v1/tenants`: every tenant, by id.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::http::Problem;
use crate::http::document::Problems;
use crate::http::extract::{Limit, OperatorCaller, Parameters};
use crate::http::tenant_object::TenantObject;

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tenants)]
pub(in crate::http) struct Answer {
    tenants: Vec<TenantObject>,
    /// The id of the last one: ids are what the list is sorted by.
    next_cursor: Option<String>,
}

#[utoipa::path(
    get, path = "/v1/tenants", operation_id = "list_tenants", tag = "tenants",
    summary = "Every tenant, by id",
    params(
        ("limit" = Option<u32>, Query, description = "How many at most", minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, description = "Go on where an earlier page ended: its `next_cursor`")
    ),
    responses((status = 200, description = "A page of them", body = Answer), Problems),
    security(("operator_token" = []))
)]
pub(in crate::http) async fn get(
    _: OperatorCaller,
    State(app): State<AppState>,
    mut parameters: Parameters,
) -> Result<Json<Answer>, Problem> {
    let Limit(limit) = parameters.optional("limit")?.unwrap_or_default();
    let after = parameters.optional("cursor")?;
    parameters.finish()?;

    // One more than asked for tells whether there is another page.
    let mut tenants = app.office.store().page_tenants(after.as_ref(), limit + 1, app.office.now()).await?;
    let more = tenants.len() > limit as usize;
    tenants.truncate(limit as usize);
    let next_cursor = tenants.last().filter(|_| more).map(|last| last.id.to_string());
    Ok(Json(Answer { tenants: tenants.into_iter().map(TenantObject::from).collect(), next_cursor }))
}
