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
use utoipa::ToSchema;

use crate::app::AppState;
use crate::credential::Scope;
use crate::http::Problem;
use crate::http::bearer_tokens::BearerTokens;
use crate::http::document::Problems;
use crate::http::extract::{Fields, JsonBody, MAX_LABEL, ServiceCaller};
use crate::http::session_object::SessionObject;
use crate::iso8601;
use crate::office::MintRequest;
use crate::session::{Actor, Channel, Method};

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

/// Whose session it is to be, and what is known of the sign-in.
#[derive(ToSchema)]
#[schema(example = json!({ "tenant": "demo", "actor_type": "user", "actor_id": "ada", "remember": true }))]
#[expect(dead_code, reason = "describes a body")]
struct Mint {
    /// The token's own.
    #[schema(pattern = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
    tenant: String,
    #[schema(pattern = "^[a-z][a-z0-9_-]{0,31}$")]
    actor_type: String,
    /// Opaque at best: it can be read in the token.
    #[schema(pattern = "^[!-~]{1,128}$")]
    actor_id: String,
    /// A name for the device.
    #[schema(min_length = 1, max_length = 64)]
    label: Option<String>,
    /// Whether it outlives the browser.
    remember: Option<bool>,
    /// The browser's `User-Agent`: it is not kept unless the operator wants it.
    #[schema(min_length = 1, max_length = 1024)]
    user_agent: Option<String>,
    /// When the actor proved who it is; now, if absent.
    #[schema(format = DateTime)]
    authenticated_at: Option<String>,
    assurance: Option<u8>,
    #[schema(max_items = 16)]
    roles: Option<Vec<String>>,
    /// `cookie`, if absent.
    #[schema(pattern = "^(cookie|bearer)$")]
    channel: Option<String>,
    ip: Option<String>,
    /// A live session of the same actor that ends with this one's beginning.
    #[schema(pattern = "^ses-[A-Za-z0-9_-]{21}[AQgw]$")]
    replaces: Option<String>,
}

/// What came of it, by channel.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes an answer")]
enum Minted {
    Cookies {
        session: SessionObject,
        /// `Set-Cookie` lines, as they are.
        set_cookie: Vec<String>,
        csrf_token: String,
    },
    Bearer {
        session: SessionObject,
        access_token: String,
        refresh_token: String,
        token_type: String,
        /// Seconds.
        expires_in: u64,
    },
}

#[utoipa::path(
    post, path = "/v1/sessions", operation_id = "mint_session", tag = "sessions",
    summary = "Make a session for somebody whom the caller has authenticated",
    request_body(content = Mint),
    responses((status = 201, description = "Made: what to hand on to the browser, or to the native client", body = Minted, headers(("location" = String, description = "The session's path"))), Problems),
    security(("service_token" = ["sessions:mint"]))
)]
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
        ..MintRequest::new(tenant, actor, Method::Backend)
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
