//! `DELETE /v1/actors/{type}/{id}/sessions[?except=ID]`: signs an actor out everywhere.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;

use super::read_actor;
use crate::app::AppState;
use crate::credential::Scope;
use crate::http::Problem;
use crate::http::document::{ActorInPath, Problems};
use crate::http::extract::{Parameters, ServiceCaller};
use crate::session::RevokedReason;
use crate::store::RevokeActor;

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Revoked)]
pub(in crate::http) struct Answer {
    revoked: usize,
}

#[utoipa::path(
    delete, path = "/v1/actors/{kind}/{id}/sessions", operation_id = "revoke_actor", tag = "actors",
    summary = "Sign an actor out everywhere",
    params(
        ActorInPath,
        ("except" = Option<String>, Query, description = "A live session of the actor, which stays", pattern = "^ses-[A-Za-z0-9_-]{21}[AQgw]$")
    ),
    responses((status = 200, description = "How many sessions have ended", body = Answer), Problems),
    security(("service_token" = ["sessions:revoke"]))
)]
pub(in crate::http) async fn delete(
    caller: ServiceCaller,
    State(app): State<AppState>,
    path: Result<Path<(String, String)>, PathRejection>,
    mut parameters: Parameters,
) -> Result<Json<Answer>, Problem> {
    caller.require(Scope::Revoke)?;
    let actor = read_actor(path)?;
    let except = parameters.optional("except")?;
    parameters.finish()?;
    let request = RevokeActor { tenant: &caller.tenant, actor: &actor, except, reason: RevokedReason::Admin };
    let revoked = app.office.revoke_actor(&request).await?;
    revoked.map(|revoked| Json(Answer { revoked: revoked.len() })).ok_or_else(Problem::session_not_found)
}
