//! `GET /auth/oidc/{provider}/login[?return_to=PATH][&max_age=SECONDS][&remember=true]`: sends the browser to the provider.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use url::Url;

use super::super::{login, return_to};
use super::failed::NotSignedIn;
use super::{binding, failed};
use crate::app::AppState;
use crate::http::Problem;
use crate::http::document::{Problems, ProviderInPath};
use crate::http::extract::{Parameters, PublicRequest};
use crate::limit::Network;
use crate::office::BeginSignIn;
use crate::random;

#[utoipa::path(
    get, path = "/auth/oidc/{provider}/login", operation_id = "begin_sign_in", tag = "signing in",
    summary = "Go to the provider to sign in",
    params(
        ProviderInPath,
        ("return_to" = Option<String>, Query, description = "A path of this site to go to then"),
        ("max_age" = Option<u64>, Query, description = "How long ago the sign-in may have been, in seconds"),
        ("remember" = Option<bool>, Query, description = "Whether to stay signed in")
    ),
    responses((status = 303, description = "The way to the provider"), NotSignedIn, Problems),
    security(())
)]
pub(in crate::http) async fn get(
    request: PublicRequest,
    State(app): State<AppState>,
    provider: Result<Path<String>, PathRejection>,
    mut parameters: Parameters,
) -> Result<Response, Problem> {
    let Path(provider) = provider.map_err(|_| Problem::not_found())?;
    let mut text = |name| parameters.optional::<String>(name).map(Option::unwrap_or_default);
    let (return_to, max_age, remember) = (text("return_to")?, text("max_age")?.parse().ok(), text("remember")?);
    let names = app.office.cookies();
    let binding = match binding::read(&request.cookies, names) {
        Some(binding) => binding,
        None => random::draw_secret().map_err(|_| Problem::internal())?,
    };
    let begin = BeginSignIn {
        tenant: &request.tenant,
        provider: &provider,
        site: write_site(&request)?,
        binding: &binding,
        network: request.client.map(Network::from),
        return_to: return_to::sanitise(&return_to),
        remember: matches!(remember.as_str(), "true" | "on" | "1"),
        max_age_s: max_age,
        held: login::held_session(&app, &request, max_age).await?,
    };
    match app.office.begin_sign_in(&app.oidc, begin).await {
        Ok(url) => {
            app.metrics.count_sign_in_begun();
            let headers = [(header::SET_COOKIE, binding::write(&binding, names)), (header::LOCATION, url.into())];
            Ok((StatusCode::SEE_OTHER, headers).into_response())
        }
        Err(error) => failed::answer(&app, &request, error).await,
    }
}

/// Where the browser is, by the edge's word.
fn write_site(request: &PublicRequest) -> Result<String, Problem> {
    let host = request.host.as_deref().ok_or_else(Problem::unknown_host)?;
    let scheme = request.scheme.as_deref().filter(|scheme| *scheme == "http").unwrap_or("https");
    let site = format!("{scheme}://{host}");
    let is_sound = |url: Url| {
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        is_bare && url.username().is_empty() && url.password().is_none()
    };
    if Url::parse(&site).is_ok_and(is_sound) { Ok(site) } else { Err(Problem::unknown_host()) }
}
