//! `GET /v1/sessions?actor_type=&actor_id=`: an actor's sessions, newest first.

use std::str::FromStr;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::credential::Scope;
use crate::http::Problem;
use crate::http::document::Problems;
use crate::http::extract::{Limit, Parameters, ServiceCaller};
use crate::http::session_object::SessionObject;
use crate::session::{Actor, Cursor};
use crate::store::ListPage;

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Sessions)]
pub(in crate::http) struct Answer {
    sessions: Vec<SessionObject>,
    next_cursor: Option<String>,
}

#[utoipa::path(
    get, path = "/v1/sessions", operation_id = "list_sessions", tag = "sessions",
    summary = "An actor's sessions, newest first",
    params(
        ("actor_type" = String, Query, description = "The kind of actor", pattern = "^[a-z][a-z0-9_-]{0,31}$", example = "user"),
        ("actor_id" = String, Query, description = "The actor", pattern = "^[!-~]{1,128}$", example = "ada"),
        ("status" = Option<String>, Query, description = "`live`, if absent, or `all`", pattern = "^(live|all)$"),
        ("limit" = Option<u32>, Query, description = "How many at most", minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, description = "Go on where an earlier page ended: its `next_cursor`")
    ),
    responses((status = 200, description = "A page of them", body = Answer), Problems),
    security(("service_token" = ["sessions:read"]))
)]
pub(in crate::http) async fn get(
    caller: ServiceCaller,
    State(app): State<AppState>,
    mut parameters: Parameters,
) -> Result<Json<Answer>, Problem> {
    caller.require(Scope::Read)?;
    let actor = Actor { kind: parameters.required("actor_type")?, id: parameters.required("actor_id")? };
    let Limit(limit) = parameters.optional("limit")?.unwrap_or_default();
    let after = parameters.optional("cursor")?;
    let which = parameters.optional("status")?.unwrap_or(Which::Live);
    parameters.finish()?;

    let now = app.office.now();
    // One more than asked for tells whether there is another page.
    let page = ListPage { tenant: &caller.tenant, actor: &actor, after, limit: limit + 1 };
    let mut sessions = match which {
        Which::Live => app.office.store().live_sessions(&page, now).await?,
        Which::All => app.office.store().all_sessions(&page).await?,
    };
    let more = sessions.len() > limit as usize;
    sessions.truncate(limit as usize);
    let next_cursor = sessions.last().filter(|_| more).map(|last| Cursor::after(last).to_string());
    let sessions = sessions.into_iter().map(|session| SessionObject::new(session, now)).collect();
    Ok(Json(Answer { sessions, next_cursor }))
}

/// Which sessions to list.
#[derive(Clone, Copy)]
enum Which {
    Live,
    All,
}

impl FromStr for Which {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "live" => Ok(Self::Live),
            "all" => Ok(Self::All),
            _ => Err("must be live or all"),
        }
    }
}
