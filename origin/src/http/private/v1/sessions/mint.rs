//! `POST /v1/sessions`: makes a session for somebody the caller has authenticated.

use std::net::IpAddr;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sealgate_shared::id::{Roles, SessionId, TenantId};
use sealgate_shared::time::UnixMillis;
use sealgate_shared::token::CLOCK_LEEWAY_MS;
use serde::Serialize;

use crate::app::AppState;
use crate::credential::Scope;
use crate::http::Problem;
use crate::http::bearer_tokens::BearerTokens;
use crate::http::extract::{Fields, JsonBody, MAX_LABEL, ServiceCaller};
use crate::http::session_object::SessionObject;
use crate::iso8601;
use crate::office::MintRequest;
use crate::session::{Actor, Channel};

/// Longer than any browser's user agent, shorter than an attack.
const MAX_USER_AGENT: usize = 1_024;

#[derive(Serialize)]
struct Answer {
    session: SessionObject,
    #[serde(flatten)]
    tokens: Option<BearerTokens>,
    #[serde(flatten)]
    cookies: Option<Cookies>,
}

#[derive(Serialize)]
struct Cookies {
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
    let tokens = BearerTokens::of(&minted);
    let cookies = tokens.is_none().then_some(Cookies { set_cookie: minted.set_cookie, csrf_token: minted.csrf_token });
    let answer = Answer { session: SessionObject::new(minted.session, now), tokens, cookies };
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(answer)).into_response())
}

fn read_request(mut fields: Fields, now: UnixMillis) -> Result<MintRequest, Problem> {
    let tenant: TenantId = fields.required("tenant")?;
    let actor = Actor { kind: fields.required("actor_type")?, id: fields.required("actor_id")? };
    let request = MintRequest {
        label: fields.short_text("label", MAX_LABEL)?,
        remember: fields.flag("remember")?,
        user_agent: fields.short_text("user_agent", MAX_USER_AGENT)?,
        authenticated_at: read_authenticated_at(&mut fields, now)?,
        assurance: fields.optional_byte("assurance")?,
        roles: fields
            .optional_list("roles")?
            .map(Roles::new)
            .transpose()
            .map_err(|error| Problem::invalid_field("roles", format!("The value {error}.")))?,
        channel: read_channel(&mut fields)?,
        ip: read_ip(&mut fields)?,
        replaces: read_replaces(&mut fields)?,
        ..MintRequest::new(tenant, actor)
    };
    fields.finish()?;
    Ok(request)
}

fn read_channel(fields: &mut Fields) -> Result<Channel, Problem> {
    const FIELD: &str = "channel";
    let Some(text) = fields.text(FIELD)? else { return Ok(Channel::Cookie) };
    text.parse().map_err(|_| Problem::invalid_field(FIELD, "The value must be cookie or bearer."))
}

fn read_ip(fields: &mut Fields) -> Result<Option<IpAddr>, Problem> {
    const FIELD: &str = "ip";
    let ip = fields.text(FIELD)?.map(|text| text.parse()).transpose();
    ip.map_err(|_| Problem::invalid_field(FIELD, "The value must be an IPv4 or IPv6 address."))
}

fn read_replaces(fields: &mut Fields) -> Result<Option<SessionId>, Problem> {
    const FIELD: &str = "replaces";
    let id = fields.text(FIELD)?.map(|text| text.parse()).transpose();
    id.map_err(|error| Problem::invalid_field(FIELD, format!("The value {error}.")))
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
