//! `GET /v1/actors/{type}/{id}`: what is known of an actor beyond their sessions.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use sealgate_shared::id::{ActorId, ActorType, Roles};
use serde::Serialize;

use super::read_actor;
use crate::app::AppState;
use crate::credential::Scope;
use crate::http::Problem;
use crate::http::extract::ServiceCaller;
use crate::iso8601;
use crate::session::Actor;
use crate::store::Attributes;

/// An actor as the API shows it.
#[derive(Debug, Serialize)]
pub(in crate::http) struct ActorObject {
    actor_type: ActorType,
    actor_id: ActorId,
    /// `null`: each session goes on with its own.
    roles: Option<Roles>,
    assurance: Option<u8>,
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
            updated_at: iso8601::format(attributes.updated_at),
            live_sessions,
        }
    }
}

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
