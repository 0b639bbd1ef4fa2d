//! What the provider answers.

use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use url::form_urlencoded;

use crate::asked::{Asked, Endpoint};
use crate::authorize::Grant;
use crate::draft::{Draft, encode};
use crate::merge::merge;
use crate::provider::{CLIENT_ID, CLIENT_SECRET, State};

pub(crate) fn all(state: State) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(discover))
        .route("/keys", get(publish))
        .route("/token", post(exchange))
        .route("/userinfo", get(tell).post(tell))
        .with_state(state)
}

async fn discover(Shared(state): Shared<State>, headers: HeaderMap) -> Response {
    if let Some(response) = arrive(&state, Endpoint::Discovery, headers, &[]).await {
        return response;
    }
    let issuer = state.issuer();
    let plan = state.memory().plan.clone();
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [plan.algorithm().name()],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "email", "profile"],
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "authorization_response_iss_parameter_supported": plan.names_itself,
    });
    merge(&mut document, &plan.discovery);
    Json(document).into_response()
}

async fn publish(Shared(state): Shared<State>, headers: HeaderMap) -> Response {
    if let Some(response) = arrive(&state, Endpoint::Keys, headers, &[]).await {
        return response;
    }
    Json(state.memory().plan.key_set()).into_response()
}

async fn exchange(Shared(state): Shared<State>, headers: HeaderMap, body: Bytes) -> Response {
    let form: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
    if let Some(response) = arrive(&state, Endpoint::Token, headers.clone(), &form).await {
        return response;
    }
    let field = |name: &str| form.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str());
    if state.memory().plan.wants_secret && !shows_secret(&headers, &form) {
        return refuse(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    // A code is good for once.
    let grant = state.memory().grants.remove(field("code"));
    let Some(grant) = grant.filter(|_| field("grant_type") == "authorization_code") else {
        return refuse(StatusCode::BAD_REQUEST, "invalid_grant");
    };
    let proves = encode(Sha256::digest(field("code_verifier"))) == grant.challenge;
    if !proves || field("redirect_uri") != grant.redirect_uri {
        return refuse(StatusCode::BAD_REQUEST, "invalid_grant");
    }
    let access = state.make("at");
    let mut answer = json!({
        "access_token": access, "token_type": "Bearer", "expires_in": 300, "id_token": id_token(&state, &grant, &access),
    });
    merge(&mut answer, &state.memory().plan.token);
    Json(answer).into_response()
}

async fn tell(Shared(state): Shared<State>, headers: HeaderMap) -> Response {
    if let Some(response) = arrive(&state, Endpoint::Userinfo, headers.clone(), &[]).await {
        return response;
    }
    let shown = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !shown.starts_with("Bearer at-") {
        return refuse(StatusCode::UNAUTHORIZED, "invalid_token");
    }
    let mut answer = json!({ "sub": "ada" });
    merge(&mut answer, &state.memory().plan.userinfo);
    Json(answer).into_response()
}

/// Writes the question down, holds it up where that was asked for, and answers it where the plan says what.
async fn arrive(state: &State, endpoint: Endpoint, headers: HeaderMap, form: &[(String, String)]) -> Option<Response> {
    let held = {
        let mut memory = state.memory();
        memory.asked.push(Asked { endpoint, headers, form: form.to_vec() });
        memory.holds.remove(&endpoint)
    };
    if let Some(held) = held {
        held.pass().await;
    }
    let reply = state.memory().plan.replies.get(&endpoint).cloned()?;
    Some(reply.answer().await)
}

/// In its header (RFC 6749, 2.3.1: both are form-encoded before) or in the form.
fn shows_secret(headers: &HeaderMap, form: &[(String, String)]) -> bool {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = BASE64_STANDARD.encode(format!("{}:{}", encoded(CLIENT_ID), encoded(CLIENT_SECRET)));
    let has = |name: &str, value: &str| form.iter().any(|(known, shown)| known == name && shown == value);
    let in_header = headers.get("authorization").is_some_and(|value| value == &format!("Basic {pair}"));
    in_header || (has("client_id", CLIENT_ID) && has("client_secret", CLIENT_SECRET))
}

fn refuse(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({ "error": error }))).into_response()
}

/// The ID token for what was granted, as the plan has it.
pub(crate) fn id_token(state: &State, grant: &Grant, access: &str) -> String {
    let (now, plan) = (state.now(), state.memory().plan.clone());
    let algorithm = plan.algorithm();
    let hash = algorithm.hash(access);
    let claims = json!({
        "iss": state.issuer(), "aud": CLIENT_ID, "sub": "ada", "iat": now, "exp": now + 300, "auth_time": now,
        "nonce": grant.nonce, "at_hash": encode(&hash[..hash.len() / 2]), "sid": "sid-of-ada",
    });
    let draft: Draft = Draft::new(plan.key, algorithm, claims).header(&plan.header).claims(&plan.claims);
    match &plan.forge {
        Some(forge) => forge(&draft),
        None => draft.sign(),
    }
}
