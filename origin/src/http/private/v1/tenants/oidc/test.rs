//! `POST /v1/tenants/{id}/oidc/{provider}/test`: asks the provider who it is, and says what is wrong with it.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::{ProviderPath, find, read_path};
use crate::app::AppState;
use crate::http::Problem;
use crate::http::document::{Problems, ProviderInPath, TenantInPath};
use crate::http::extract::OperatorCaller;
use crate::http::provider_object::FindingObject;
use crate::oidc::Verdict;

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProviderFindings)]
pub(in crate::http) struct Answer {
    /// Whether people can sign in by it, as far as can be told from here.
    usable: bool,
    findings: Vec<FindingObject>,
}

#[utoipa::path(
    post, path = "/v1/tenants/{id}/oidc/{provider}/test", operation_id = "test_provider", tag = "OpenID providers",
    summary = "Ask the provider who it is, and say what is wrong with it",
    params(TenantInPath, ProviderInPath),
    responses((status = 200, description = "What was found", body = Answer), Problems),
    security(("operator_token" = []))
)]
pub(in crate::http) async fn post(
    _: OperatorCaller,
    State(app): State<AppState>,
    path: ProviderPath,
) -> Result<Json<Answer>, Problem> {
    let (tenant, id) = read_path(path)?;
    let provider = find(&app, &tenant, &id).await?;
    let findings = provider.probe(app.oidc.http()).await;
    let usable = findings.iter().all(|finding| finding.verdict != Verdict::Bad);
    Ok(Json(Answer { usable, findings: findings.into_iter().map(FindingObject::from).collect() }))
}
