//! `/auth/break-glass`: operators sign in by a password. As long as the tenant has set none there is nothing at this path.

use askama::Template;
use axum::extract::{FromRequest as _, FromRequestParts as _, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sealgate_shared::id::TenantId;

use super::{page, return_to, ways, welcome};
use crate::app::{AppParts, AppState};
use crate::http::Problem;
use crate::http::extract::{Form, Parameters, PublicRequest};
use crate::http::public::same_origin;
use crate::limit::Network;
use crate::office::{Guess, Guessed};

/// Why exactly, nobody is told.
const REFUSED: &str =
    "That did not work. The name or the password may be wrong, or there were too many attempts: then wait a minute.";
const BUSY: &str = "Too many passwords are being checked at the moment. Please try again.";

#[derive(Template)]
#[template(path = "break_glass.html")]
struct Page<'a> {
    style: &'static str,
    tenant: &'a str,
    name: &'a str,
    return_to: &'a str,
    /// Where the other ways in are.
    other: &'a str,
    mistake: Option<&'a str>,
}

/// One handler for every method: without accounts not even the methods are told that there would be.
pub(in crate::http) async fn any(
    public: PublicRequest,
    State(app): State<AppState>,
    request: Request,
) -> Result<Response, Problem> {
    if !app.office.break_glass_is_on(&public.tenant).await? {
        return Err(Problem::not_found());
    }
    match *request.method() {
        Method::GET | Method::HEAD => show(&app, &public, request).await,
        Method::POST => sign_in(&app, &public, request).await,
        _ => Ok(([(header::ALLOW, "GET, HEAD, POST")], Problem::method_not_allowed()).into_response()),
    }
}

async fn show(app: &AppState, public: &PublicRequest, request: Request) -> Result<Response, Problem> {
    let mut parameters = Parameters::from_request_parts(&mut request.into_parts().0, app).await?;
    let return_to: String = parameters.optional("return_to")?.unwrap_or_default();
    write_page(StatusCode::OK, &public.tenant, "", &return_to, None)
}

async fn sign_in(app: &AppState, public: &PublicRequest, request: Request) -> Result<Response, Problem> {
    same_origin::require(request.headers(), public.host.as_deref())?;
    let mut form = Form::from_request(request, app).await?;
    let password = form.take_password("password");
    let text = |name| form.text(name).unwrap_or_default();
    let (name, return_to) = (text("name").trim(), text("return_to"));
    let guess = Guess {
        tenant: &public.tenant,
        account: name,
        password,
        client: public.client,
        user_agent: public.user_agent.as_deref(),
        cookies: &public.cookies,
        is_noted: may_note(app, public),
    };
    let guessed = app.metrics.count_guess(app.office.guess(guess).await)?;
    match guessed {
        Guessed::SignedIn(issued) => Ok(welcome::answer(*issued, return_to)),
        Guessed::Refused(_) => write_page(StatusCode::FORBIDDEN, &public.tenant, name, return_to, Some(REFUSED)),
        Guessed::Busy => {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            let mut response = write_page(status, &public.tenant, name, return_to, Some(BUSY))?;
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
            Ok(response)
        }
        // The last account was removed this very moment.
        Guessed::Off => Err(Problem::not_found()),
    }
}

/// Whether this attempt is written down should it fail. It is counted before anything is known of it.
fn may_note(app: &AppParts, public: &PublicRequest) -> bool {
    app.limits.may_note_failure(public.client.map(Network::from), &public.tenant, app.office.now())
}

fn write_page(
    status: StatusCode,
    tenant: &TenantId,
    name: &str,
    return_to: &str,
    mistake: Option<&str>,
) -> Result<Response, Problem> {
    let return_to = return_to::sanitise(return_to);
    let other = format!("/auth/login?{}", ways::write_again(return_to, None).finish());
    let page =
        Page { style: page::BREAK_GLASS.style, tenant: tenant.as_str(), name, return_to, other: &other, mistake };
    page::show(status, &page, &page::BREAK_GLASS)
}
