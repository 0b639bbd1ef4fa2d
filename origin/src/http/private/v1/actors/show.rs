//! `GET /v1/actors/{type}/{id}`: what is known of an actor beyond their sessions.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use sealgate_shared::id::{ActorId, ActorType, Roles};
use serde::Serialize;
use utoipa::ToSchema;

use super::read_actor;
use crate::app::AppState;
use crate::credential::Scope;
use crate::http::Problem;
use crate::http::document::{ActorInPath, Problems};
use crate::http::extract::ServiceCaller;
use crate::iso8601;
use crate::session::Actor;
use crate::store::Attributes;

/// An actor as the API shows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Actor)]
pub(in crate::http) struct ActorObject {
    #[schema(value_type = String)]
    actor_type: ActorType,
    #[schema(value_type = String)]
    actor_id: ActorId,
    /// `null`: each session goes on with its own.
    #[schema(value_type = Option<Vec<String>>)]
    roles: Option<Roles>,
    assurance: Option<u8>,
    /// What people call them, if a provider by which they sign in tells.
    display_name: Option<String>,
    #[schema(format = DateTime)]
    updated_at: String,
    /// How many there are that take it over.
    live_sessions: u64,
}

impl ActorObject {
    pub(super) fn new(actor: Actor, attributes: Attributes, live_sessions: u64) -> Self {
        Self {
            actor_type: actor.kind,
            actor_id: actor.id,
            roles: attributes.roles,
            assurance: attributes.assurance,
            display_name: attributes.display_name,
            updated_at: iso8601::format(attributes.updated_at),
            live_sessions,
        }
    }
}

#[utoipa::path(
    get, path = "/v1/actors/{kind}/{id}", operation_id = "show_actor", tag = "actors",
    summary = "What is known of an actor beyond their sessions",
    params(ActorInPath),
    responses((status = 200, description = "The actor", body = ActorObject), Problems),
    security(("service_token" = ["sessions:read"]))
)]
pub(in crate::http) async fn get(
    caller: ServiceCaller,
    State(app): State<AppState>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<ActorObject>, Problem> {
    caller.require(Scope::Read)?;
    let actor = read_actor(path)?;
    let store = app.office.store();
    let known = store.actor_attributes(&caller.tenant, &actor).await?.ok_or_else(|| {
        let detail = "Nothing is known of such an actor but what their sessions say.";
        Problem::new(StatusCode::NOT_FOUND, "actor_not_found", detail)
    })?;
    let live = store.count_live(&caller.tenant, &actor, app.office.now()).await?;
    Ok(Json(ActorObject::new(actor, known, live)))
}
