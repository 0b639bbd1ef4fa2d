//! `/auth/login`: the ways in. In development anybody may sign in under any name right there; production refuses to start with
//! that.
//!
//! With `max_age`, as a route asks for that wants a recent sign-in: somebody who is signed in since longer signs in again,
//! as the same person and no other. The new session takes the place of the old one.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use utoipa::ToSchema;

use super::ways::{Entry, Ways};
use super::welcome;
use crate::app::{AppParts, AppState};
use crate::dev;
use crate::http::Problem;
use crate::http::document::Problems;
use crate::http::extract::{Form, Parameters, PublicRequest};
use crate::http::public::same_origin;
use crate::office::{Credentials, MintRequest};
use crate::session::{Actor, Method, Session};

const MISTAKE: &str = "Please use 1 to 128 letters, digits or signs, without spaces.";
const SOMEBODY_ELSE: &str = "Please sign in as the same person again. To sign in as somebody else, sign out first.";

fn read_form(form: &Form) -> Entry {
    let text = |name| form.text(name).unwrap_or_default().to_owned();
    Entry {
        name: text("name"),
        remember: form.is_ticked("remember"),
        return_to: text("return_to"),
        max_age: text("max_age").parse().ok(),
    }
}

#[utoipa::path(
    get, path = "/auth/login", operation_id = "show_login", tag = "signing in",
    summary = "The ways in",
    params(
        ("return_to" = Option<String>, Query, description = "A path of this site to go to then"),
        ("max_age" = Option<u64>, Query, description = "How long ago the sign-in may have been, in seconds")
    ),
    responses(
        (status = 200, description = "The page", body = String, content_type = "text/html"),
        (status = 404, description = "There is no way to sign in", body = String, content_type = "text/html"), Problems),
    security(())
)]
pub(in crate::http) async fn get(
    request: PublicRequest,
    State(app): State<AppState>,
    mut parameters: Parameters,
) -> Result<Response, Problem> {
    let ways = Ways::of(&app, &request.tenant).await?;
    let return_to = parameters.optional("return_to")?.unwrap_or_default();
    let max_age = parameters.optional::<String>("max_age")?.and_then(|text| text.parse().ok());
    let mut entry = Entry { return_to, max_age, ..Entry::default() };
    let held = held_session(&app, &request, max_age).await?;
    let stale = held.filter(|held| is_stale(&app, held, max_age));
    entry.remember = stale.as_ref().is_some_and(|stale| stale.remember);
    let status = if ways.is_none() { StatusCode::NOT_FOUND } else { StatusCode::OK };
    ways.show(status, &request.tenant, &entry, stale.as_ref(), None)
}

/// What the form has.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a body")]
struct LoginForm {
    name: String,
    /// `on`, if the box is ticked.
    remember: Option<String>,
    return_to: Option<String>,
    max_age: Option<u64>,
}

#[utoipa::path(
    post, path = "/auth/login", operation_id = "sign_in_for_development", tag = "signing in",
    summary = "Sign in under any name: in development alone",
    request_body(content = LoginForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 303, description = "Signed in: cookies, and the way to go"),
        (status = 422, description = "Not a name: the page says why", body = String, content_type = "text/html"), Problems),
    security(())
)]
pub(in crate::http) async fn post(
    request: PublicRequest,
    State(app): State<AppState>,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Problem> {
    let ways = Ways::of(&app, &request.tenant).await?;
    if !ways.dev {
        return Err(Problem::not_found());
    }
    same_origin::require(&headers, request.host.as_deref())?;
    let entry = read_form(&form);
    let refuse = |again: Option<&Session>, mistake: &str| {
        ways.show(StatusCode::UNPROCESSABLE_ENTITY, &request.tenant, &entry, again, Some(mistake))
    };
    let Ok(id) = entry.name.trim().parse() else { return refuse(None, MISTAKE) };
    let held = held_session(&app, &request, entry.max_age).await?;
    if let Some(held) = held.as_ref().filter(|held| held.actor.id != id) {
        return refuse(Some(held), SOMEBODY_ELSE);
    }
    let actor = held.as_ref().map(|held| held.actor.clone());
    let actor = actor.unwrap_or_else(|| Actor { kind: dev::word("user"), id });
    let mint = MintRequest {
        label: held.as_ref().and_then(|held| held.label.clone()),
        remember: entry.remember,
        user_agent: request.user_agent,
        ip: request.client,
        replaces: held.map(|held| held.id),
        ..MintRequest::new(request.tenant, actor, Method::Development)
    };
    let minted = app.metrics.count_mint(app.office.mint(&mint).await)?;
    Ok(welcome::answer(minted, &entry.return_to))
}

/// The session of the browser that signs in again, where a recent sign-in is asked for.
pub(super) async fn held_session(
    app: &AppParts,
    request: &PublicRequest,
    max_age: Option<u64>,
) -> Result<Option<Session>, Problem> {
    if max_age.is_none() || request.bearer.is_some() {
        return Ok(None);
    }
    Ok(app.office.held_session(&request.tenant, Credentials::Cookies(&request.cookies)).await?)
}

fn is_stale(app: &AppParts, session: &Session, max_age: Option<u64>) -> bool {
    max_age.is_some_and(|seconds| app.office.now().since(session.authenticated_at) / 1_000 >= seconds)
}
