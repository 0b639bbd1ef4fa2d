//! Everything of an actor at once.

pub(in crate::http::private) mod change;
pub(in crate::http::private) mod revoke_sessions;
pub(in crate::http::private) mod show;

use axum::extract::Path;
use axum::extract::rejection::PathRejection;

use crate::http::Problem;
use crate::session::Actor;

fn read_actor(path: Result<Path<(String, String)>, PathRejection>) -> Result<Actor, Problem> {
    let Path((kind, id)) = path.map_err(|_| Problem::not_found())?;
    let kind = kind.parse().map_err(|error| Problem::invalid_field("actor_type", format!("The value {error}.")))?;
    let id = id.parse().map_err(|error| Problem::invalid_field("actor_id", format!("The value {error}.")))?;
    Ok(Actor { kind, id })
}
