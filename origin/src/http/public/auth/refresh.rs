//! `POST /auth/refresh`: new tokens for whoever shows a refresh token, the way it was shown: in cookies or in the body.
//!
//! A refusal clears nothing: the token may have lost a race, and the cookies of the winner are in the browser by then.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::{Json, RequestExt as _};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::http::Problem;
use crate::http::bearer_tokens::BearerTokens;
use crate::http::document::Problems;
use crate::http::extract::{JsonBody, PublicRequest, explain_body};
use crate::http::public::csrf;
use crate::http::session_object::OwnSession;
use crate::office::{Issued, RefreshCookie, RefreshRefusal, RefreshRequest};
use crate::session::Channel;

#[derive(Serialize)]
struct Answer {
    session: OwnSession,
    #[serde(flatten)]
    tokens: Option<BearerTokens>,
    /// For cookies alone: bearer tokens need none.
    #[serde(skip_serializing_if = "Option::is_none")]
    csrf_token: Option<String>,
}

/// The refresh token of a native client. Browsers send theirs as a cookie, and no body.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a body")]
struct RefreshToken {
    refresh_token: String,
}

/// New tokens.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes an answer")]
struct RefreshAnswer {
    session: OwnSession,
    /// For native clients.
    access_token: Option<String>,
    refresh_token: Option<String>,
    token_type: Option<String>,
    /// Seconds.
    expires_in: Option<u64>,
    /// For browsers.
    csrf_token: Option<String>,
}

#[utoipa::path(
    post, path = "/auth/refresh", operation_id = "refresh", tag = "own sessions",
    summary = "New tokens for a refresh token, the way it was shown: in cookies or in the body",
    request_body(content = Option<RefreshToken>),
    responses((status = 200, description = "New tokens: in cookies, or in this body", body = RefreshAnswer), Problems),
    security(())
)]
pub(in crate::http) async fn post(
    request: PublicRequest,
    State(app): State<AppState>,
    message: Request,
) -> Result<Response, Problem> {
    let headers = message.headers().clone();
    let (channel, token) = match read_body(message, &app).await? {
        Some(token) => (Channel::Bearer, token),
        None => (Channel::Cookie, read_cookie(&app, &request, &headers).await?),
    };
    let refresh = RefreshRequest {
        tenant: &request.tenant,
        channel,
        token: &token,
        user_agent: request.user_agent.as_deref(),
        ip: request.client,
    };
    let refreshing = app.metrics.count_refresh(app.office.refresh(&refresh).await)?;
    let refreshed = refreshing.outcome.map_err(|refusal| refuse(channel, refusal))?;
    Ok(answer(refreshed.issued))
}

/// The token in the body, if there is a body.
async fn read_body(message: Request, app: &AppState) -> Result<Option<String>, Problem> {
    let (parts, body) = message.into_parts();
    let body = Request::new(body).extract::<Bytes, _>().await.map_err(|rejection| explain_body(&rejection))?;
    if body.is_empty() {
        return Ok(None);
    }
    let JsonBody(mut fields) = JsonBody::from_request(Request::from_parts(parts, Body::from(body)), app).await?;
    let token = fields.required("refresh_token")?;
    fields.finish()?;
    Ok(Some(token))
}

/// The token in the cookies of a request that comes from this very site.
async fn read_cookie(app: &AppState, request: &PublicRequest, headers: &HeaderMap) -> Result<String, Problem> {
    // Whoever speaks for themselves with a token has no cookies that would count.
    let cookies = if request.bearer.is_none() { request.cookies.as_str() } else { "" };
    match app.office.choose_refresh(&request.tenant, cookies).await? {
        RefreshCookie::Missing => Err(refuse_missing(request)),
        RefreshCookie::Rejected(reject) => Err(refuse(Channel::Cookie, RefreshRefusal::Rejected(reject))),
        RefreshCookie::Chosen(token, session) => {
            csrf::require(app, request, headers, None, session).await?;
            Ok(token.to_owned())
        }
    }
}

fn answer(issued: Issued) -> Response {
    let tokens = BearerTokens::of(&issued);
    let csrf_token = tokens.is_none().then_some(issued.csrf_token);
    let cookies = AppendHeaders(issued.set_cookie.into_iter().map(|line| (header::SET_COOKIE, line)));
    (cookies, Json(Answer { session: issued.session.into(), tokens, csrf_token })).into_response()
}

fn refuse_missing(request: &PublicRequest) -> Problem {
    const DETAIL: &str = "There is no refresh token.";
    if request.bearer.is_some() {
        Problem::bearer_token("missing", DETAIL)
    } else {
        Problem::session_cookie("missing", DETAIL)
    }
}

fn refuse(channel: Channel, refusal: RefreshRefusal) -> Problem {
    let detail = format!("The refresh token does not hold: {refusal}.");
    match channel {
        Channel::Cookie => Problem::session_cookie(refusal.code(), detail),
        Channel::Bearer => Problem::bearer_token(refusal.code(), detail),
    }
}
