//! `POST /v1/sessions`: makes a session for somebody the caller has authenticated.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sealgate_shared::id::{Roles, TenantId};
use sealgate_shared::time::UnixMillis;
use sealgate_shared::token::CLOCK_LEEWAY_MS;
use serde::Serialize;

use crate::app::AppState;
use crate::credential::Scope;
use crate::http::Problem;
use crate::http::extract::{Fields, JsonBody, ServiceCaller};
use crate::http::session_object::SessionObject;
use crate::iso8601;
use crate::office::MintRequest;
use crate::session::Actor;

/// Longer than any browser's user agent, shorter than an attack.
const MAX_USER_AGENT: usize = 1_024;
const MAX_LABEL: usize = 64;

#[derive(Serialize)]
struct Answer {
    session: SessionObject,
    set_cookie: Vec<String>,
    csrf_token: String,
}

pub(in crate::http) async fn post(
    caller: ServiceCaller,
    State(app): State<AppState>,
    JsonBody(fields): JsonBody,
) -> Result<Response, Problem> {
    caller.require(Scope::Mint)?;
    let now = app.office.now();
    let request = read_request(fields, now)?;
    if request.tenant != caller.tenant {
        return Err(Problem::tenant_not_found());
    }
    let minted = app.metrics.count_mint(app.office.mint(&request).await)?;
    let location = format!("/v1/sessions/{}", minted.session.id);
    let answer = Answer {
        session: SessionObject::new(minted.session, now),
        set_cookie: minted.set_cookie,
        csrf_token: minted.csrf_token,
    };
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(answer)).into_response())
}

fn read_request(mut fields: Fields, now: UnixMillis) -> Result<MintRequest, Problem> {
    let tenant: TenantId = fields.required("tenant")?;
    let request = MintRequest {
        tenant,
        actor: Actor { kind: fields.required("actor_type")?, id: fields.required("actor_id")? },
        label: fields.short_text("label", MAX_LABEL)?,
        remember: fields.flag("remember")?,
        user_agent: fields.short_text("user_agent", MAX_USER_AGENT)?,
        authenticated_at: read_authenticated_at(&mut fields, now)?,
        assurance: fields.byte("assurance")?,
        roles: Roles::new(fields.list("roles")?)
            .map_err(|error| Problem::invalid_field("roles", format!("The value {error}.")))?,
    };
    fields.finish()?;
    Ok(request)
}

/// The caller's clock may run a little ahead of ours; that counts as now.
fn read_authenticated_at(fields: &mut Fields, now: UnixMillis) -> Result<Option<UnixMillis>, Problem> {
    const FIELD: &str = "authenticated_at";
    let Some(text) = fields.text(FIELD)? else { return Ok(None) };
    let at = iso8601::parse_rfc3339(&text)
        .ok_or_else(|| Problem::invalid_field(FIELD, "The value must be an RFC 3339 time from 1970 on."))?;
    if at.since(now) > CLOCK_LEEWAY_MS {
        return Err(Problem::invalid_field(FIELD, "The value lies in the future."));
    }
    Ok(Some(at.min(now)))
}
