//! `/auth/login` in development: anybody may sign in under any name. Production refuses to start with it.

use std::sync::LazyLock;

use askama::Template;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, Html, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealgate_shared::id::{Roles, TenantId};
use sha2::{Digest as _, Sha256};

use super::return_to;
use crate::app::AppState;
use crate::dev;
use crate::http::Problem;
use crate::http::extract::{Parameters, PublicRequest, explain_body};
use crate::http::public::same_origin;
use crate::office::MintRequest;
use crate::session::Actor;

const MISTAKE: &str = "Please use 1 to 128 letters, digits or signs, without spaces.";

const STYLE: &str = include_str!("../../../../templates/login.css");

/// Nothing but our own style sheet, known by its hash, and a form that posts to us.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; img-src data:; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    )
});

#[derive(Template)]
#[template(path = "login.html")]
struct Page<'a> {
    style: &'static str,
    tenant: &'a str,
    name: &'a str,
    remember: bool,
    return_to: &'a str,
    mistake: Option<&'a str>,
}

impl<'a> Page<'a> {
    fn new(tenant: &'a TenantId, entry: &'a Entry, mistake: Option<&'a str>) -> Self {
        Self {
            style: STYLE,
            tenant: tenant.as_str(),
            name: &entry.name,
            remember: entry.remember,
            return_to: return_to::sanitise(&entry.return_to),
            mistake,
        }
    }
}

/// The form's fields; whatever else a client sends is not read.
#[derive(Default)]
struct Entry {
    name: String,
    remember: bool,
    return_to: String,
}

pub(in crate::http) async fn get(request: PublicRequest, mut parameters: Parameters) -> Result<Response, Problem> {
    let return_to = parameters.optional("return_to")?.unwrap_or_default();
    let entry = Entry { return_to, ..Entry::default() };
    show(StatusCode::OK, &Page::new(&request.tenant, &entry, None))
}

pub(in crate::http) async fn post(
    request: PublicRequest,
    State(app): State<AppState>,
    headers: HeaderMap,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Result<Response, Problem> {
    same_origin::require(&headers, request.host.as_deref())?;
    let entry = read_entry(form)?;
    let Ok(id) = entry.name.trim().parse() else {
        return show(StatusCode::UNPROCESSABLE_ENTITY, &Page::new(&request.tenant, &entry, Some(MISTAKE)));
    };
    let user_agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let mint = MintRequest {
        tenant: request.tenant,
        actor: Actor { kind: dev::word("user"), id },
        label: None,
        remember: entry.remember,
        user_agent: user_agent.map(str::to_owned),
        authenticated_at: None,
        assurance: 0,
        roles: Roles::default(),
    };
    let minted = app.metrics.count_mint(app.office.mint(&mint).await)?;
    let cookies = AppendHeaders(minted.set_cookie.into_iter().map(|line| (header::SET_COOKIE, line)));
    let location = return_to::sanitise(&entry.return_to).to_owned();
    Ok((StatusCode::SEE_OTHER, cookies, [(header::LOCATION, location)]).into_response())
}

fn read_entry(form: Result<Form<Vec<(String, String)>>, FormRejection>) -> Result<Entry, Problem> {
    let Form(pairs) = form.map_err(|rejection| match rejection {
        FormRejection::InvalidFormContentType(_) => {
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            Problem::new(status, "content_type", "The body must be application/x-www-form-urlencoded.")
        }
        FormRejection::BytesRejection(rejection) => explain_body(&rejection),
        _ => Problem::new(StatusCode::BAD_REQUEST, "invalid_form", "The form cannot be read."),
    })?;
    let mut entry = Entry::default();
    for (name, value) in pairs {
        match name.as_str() {
            "name" => entry.name = value,
            "return_to" => entry.return_to = value,
            // Browsers send a ticked box as `on`, and nothing for one that is not.
            "remember" => entry.remember = matches!(value.as_str(), "on" | "true" | "1"),
            _ => {}
        }
    }
    Ok(entry)
}

fn show(status: StatusCode, page: &Page<'_>) -> Result<Response, Problem> {
    let html = page.render().map_err(|error| {
        tracing::error!(%error, "the sign-in page cannot be written");
        Problem::internal()
    })?;
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY.as_str()),
        // Not `no-referrer`: with it a browser posts the form with `Origin: null`.
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    Ok((status, headers, Html(html)).into_response())
}
