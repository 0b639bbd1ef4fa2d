//! `PATCH /v1/actors/{type}/{id}[?now=true]`: what sessions of the actor are to say from their next refresh on; with `now`,
//! they are refreshed at their next request.

use std::str::FromStr;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use sealgate_shared::id::Roles;
use utoipa::ToSchema;

use super::read_actor;
use super::show::ActorObject;
use crate::app::AppState;
use crate::credential::Scope;
use crate::http::Problem;
use crate::http::document::{ActorInPath, Problems};
use crate::http::extract::{JsonBody, Parameters, ServiceCaller};
use crate::store::ChangeActor;

/// What is to be known of the actor; what is absent stays as it is.
#[derive(ToSchema)]
#[schema(example = json!({ "roles": ["admin"], "assurance": 2 }))]
#[expect(dead_code, reason = "describes a body")]
struct ActorChange {
    #[schema(max_items = 16)]
    roles: Option<Vec<String>>,
    assurance: Option<u8>,
}

#[utoipa::path(
    patch, path = "/v1/actors/{kind}/{id}", operation_id = "change_actor", tag = "actors",
    summary = "Change what sessions of an actor say from their next refresh on",
    params(
        ActorInPath,
        ("now" = Option<bool>, Query, description = "Whether they are refreshed at their next request")
    ),
    request_body(content = ActorChange),
    responses((status = 200, description = "The actor", body = ActorObject), Problems),
    security(("service_token" = ["actors:write"]))
)]
pub(in crate::http) async fn patch(
    caller: ServiceCaller,
    State(app): State<AppState>,
    path: Result<Path<(String, String)>, PathRejection>,
    mut parameters: Parameters,
    JsonBody(mut fields): JsonBody,
) -> Result<Json<ActorObject>, Problem> {
    caller.require(Scope::Actors)?;
    let actor = read_actor(path)?;
    let at_once = parameters.optional::<Now>("now")?.is_some_and(|Now(now)| now);
    parameters.finish()?;
    let roles = fields.optional_list("roles")?.map(Roles::new).transpose();
    let roles = roles.map_err(|error| Problem::invalid_field("roles", format!("The value {error}.")))?;
    let assurance = fields.optional_byte("assurance")?;
    fields.finish()?;
    let change = ChangeActor { tenant: &caller.tenant, actor: &actor, roles, assurance, at_once };
    let (attributes, live) = app.office.change_actor(&change).await?;
    Ok(Json(ActorObject::new(actor, attributes, live)))
}

/// Whether it is to be in force at once.
struct Now(bool);

impl FromStr for Now {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self).map_err(|_| "must be true or false")
    }
}
