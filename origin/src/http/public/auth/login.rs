//! `/auth/login` in development: anybody may sign in under any name. Production refuses to start with it.
//!
//! With `max_age`, as a route asks for that wants a recent sign-in: somebody who is signed in since longer signs in again,
//! as the same person and no other. The new session takes the place of the old one.

use std::sync::LazyLock;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use sealgate_shared::id::TenantId;

use super::{page, return_to};
use crate::app::{AppParts, AppState};
use crate::dev;
use crate::http::Problem;
use crate::http::extract::{Form, Parameters, PublicRequest};
use crate::http::public::same_origin;
use crate::office::{Credentials, MintRequest};
use crate::session::{Actor, Session};

const MISTAKE: &str = "Please use 1 to 128 letters, digits or signs, without spaces.";
const SOMEBODY_ELSE: &str = "Please sign in as the same person again. To sign in as somebody else, sign out first.";

const STYLE: &str =
    concat!(include_str!("../../../../templates/page.css"), include_str!("../../../../templates/login.css"));

static POLICY: LazyLock<String> = LazyLock::new(|| page::policy(STYLE));

#[derive(Template)]
#[template(path = "login.html")]
struct Page<'a> {
    style: &'static str,
    tenant: &'a str,
    name: &'a str,
    /// Whether the name is settled: who signs in again is who was signed in.
    again: bool,
    remember: bool,
    return_to: &'a str,
    max_age: Option<u64>,
    mistake: Option<&'a str>,
}

impl<'a> Page<'a> {
    fn new(tenant: &'a TenantId, entry: &'a Entry, mistake: Option<&'a str>) -> Self {
        Self {
            style: STYLE,
            tenant: tenant.as_str(),
            name: &entry.name,
            again: false,
            remember: entry.remember,
            return_to: return_to::sanitise(&entry.return_to),
            max_age: entry.max_age,
            mistake,
        }
    }

    /// Asks the person of that session to sign in again.
    fn again(self, session: &'a Session) -> Self {
        Self { name: session.actor.id.as_str(), again: true, ..self }
    }
}

/// The form's fields.
#[derive(Default)]
struct Entry {
    name: String,
    remember: bool,
    return_to: String,
    /// How long ago the sign-in may have been that the page to go back to asks for, in seconds.
    max_age: Option<u64>,
}

impl Entry {
    fn read(form: &Form) -> Self {
        let text = |name| form.text(name).unwrap_or_default().to_owned();
        Self {
            name: text("name"),
            remember: form.is_ticked("remember"),
            return_to: text("return_to"),
            max_age: text("max_age").parse().ok(),
        }
    }
}

pub(in crate::http) async fn get(
    request: PublicRequest,
    State(app): State<AppState>,
    mut parameters: Parameters,
) -> Result<Response, Problem> {
    let return_to = parameters.optional("return_to")?.unwrap_or_default();
    let max_age = parameters.optional::<String>("max_age")?.and_then(|text| text.parse().ok());
    let mut entry = Entry { return_to, max_age, ..Entry::default() };
    let held = held_session(&app, &request, &entry).await?;
    let Some(stale) = held.filter(|held| is_stale(&app, held, max_age)) else {
        return page::show(StatusCode::OK, &Page::new(&request.tenant, &entry, None), &POLICY);
    };
    entry.remember = stale.remember;
    page::show(StatusCode::OK, &Page::new(&request.tenant, &entry, None).again(&stale), &POLICY)
}

pub(in crate::http) async fn post(
    request: PublicRequest,
    State(app): State<AppState>,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Problem> {
    same_origin::require(&headers, request.host.as_deref())?;
    let entry = Entry::read(&form);
    let refuse = |page: &Page<'_>| page::show(StatusCode::UNPROCESSABLE_ENTITY, page, &POLICY);
    let Ok(id) = entry.name.trim().parse() else {
        return refuse(&Page::new(&request.tenant, &entry, Some(MISTAKE)));
    };
    let held = held_session(&app, &request, &entry).await?;
    if let Some(held) = held.as_ref().filter(|held| held.actor.id != id) {
        return refuse(&Page::new(&request.tenant, &entry, Some(SOMEBODY_ELSE)).again(held));
    }
    let user_agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let actor = held.as_ref().map(|held| held.actor.clone());
    let mint = MintRequest {
        label: held.as_ref().and_then(|held| held.label.clone()),
        remember: entry.remember,
        user_agent: user_agent.map(str::to_owned),
        ip: request.client,
        replaces: held.map(|held| held.id),
        ..MintRequest::new(request.tenant, actor.unwrap_or_else(|| Actor { kind: dev::word("user"), id }))
    };
    let minted = app.metrics.count_mint(app.office.mint(&mint).await)?;
    let cookies = AppendHeaders(minted.set_cookie.into_iter().map(|line| (header::SET_COOKIE, line)));
    let location = return_to::sanitise(&entry.return_to).to_owned();
    Ok((StatusCode::SEE_OTHER, cookies, [(header::LOCATION, location)]).into_response())
}

/// The session of the browser that signs in again, where a recent sign-in is asked for.
async fn held_session(app: &AppParts, request: &PublicRequest, entry: &Entry) -> Result<Option<Session>, Problem> {
    if entry.max_age.is_none() || request.bearer.is_some() {
        return Ok(None);
    }
    Ok(app.office.held_session(&request.tenant, Credentials::Cookies(&request.cookies)).await?)
}

fn is_stale(app: &AppParts, session: &Session, max_age: Option<u64>) -> bool {
    max_age.is_some_and(|seconds| app.office.now().since(session.authenticated_at) / 1_000 >= seconds)
}
