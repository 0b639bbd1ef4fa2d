//! `GET /auth/account`: the page.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use sealgate_shared::id::SessionId;

use super::device::Device;
use super::invite;
use super::note::Note;
use crate::app::{AppParts, AppState};
use crate::http::Problem;
use crate::http::document::Problems;
use crate::http::extract::{MAX_LABEL, Parameters};
use crate::http::public::auth::page;
use crate::http::public::person::{NoPerson, Person};

/// How many devices a page shows: more than the usual limit allows, and no more than a page bears.
const MOST: usize = 200;

#[derive(Template)]
#[template(path = "account.html")]
struct Page<'a> {
    style: &'static str,
    tenant: &'a str,
    actor: &'a str,
    /// What people call them, if a provider has told.
    name: Option<&'a str>,
    csrf_token: &'a str,
    note: Option<Note>,
    mistake: Option<&'a Mistake>,
    max_label: usize,
    here: Device,
    others: Vec<Device>,
    /// Whether there are devices that are not shown.
    more: bool,
}

impl Page<'_> {
    /// The mistake that was made in the form of this device.
    fn mistake_of(&self, device: &Device) -> Option<&Mistake> {
        self.mistake.filter(|mistake| mistake.device == device.id)
    }
}

/// A name for a device that cannot be one.
#[derive(Debug)]
pub(super) struct Mistake {
    pub(super) device: SessionId,
    pub(super) label: String,
    pub(super) fault: String,
}

#[utoipa::path(
    get, path = "/auth/account", operation_id = "show_account", tag = "own sessions",
    summary = "Where am I signed in? As a page",
    params(("note" = Option<String>, Query, description = "What was done last, for the page to say")),
    responses(
        (status = 200, description = "The page", body = String, content_type = "text/html"),
        (status = 303, description = "Not signed in: the way there"), Problems),
    security(("session_cookie" = []), ("session_bearer" = []))
)]
pub(in crate::http) async fn get(
    State(app): State<AppState>,
    person: Result<Person, NoPerson>,
    parameters: Parameters,
) -> Result<Response, Problem> {
    match person {
        Ok(person) => render(&app, &person, Note::read(parameters)?, None).await,
        Err(nobody) => Ok(invite(nobody)),
    }
}

/// Answers with the page as things are now; with a mistake, if one was made in a form.
pub(super) async fn render(
    app: &AppParts,
    person: &Person,
    note: Option<Note>,
    mistake: Option<&Mistake>,
) -> Result<Response, Problem> {
    let own = &person.session;
    // This one, and one more than are shown.
    let sessions = app.office.list_own(own, None, limit_of(MOST + 2)).await?;
    let now = app.office.now();
    let (here, others): (Vec<_>, Vec<_>) = sessions.into_iter().partition(|session| session.id == own.id);
    let more = others.len() > MOST;
    let others = others.into_iter().take(MOST);
    let mut others: Vec<Device> = others.map(|session| Device::new(session, now)).collect();
    Device::order(&mut others);
    let known = app.office.store().actor_attributes(&own.tenant, &own.actor).await?;
    let page = Page {
        style: page::ACCOUNT.style,
        tenant: own.tenant.as_str(),
        actor: own.actor.id.as_str(),
        name: known.as_ref().and_then(|known| known.display_name.as_deref()),
        csrf_token: person.csrf_token.as_deref().unwrap_or_default(),
        note,
        mistake,
        max_label: MAX_LABEL,
        // It need not be among the newest.
        here: Device::new(here.into_iter().next().unwrap_or_else(|| own.clone()), now),
        others,
        more,
    };
    let status = if mistake.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    page::show(status, &page, &page::ACCOUNT)
}

fn limit_of(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
