//! The private listener: backends, edges, operators.

mod internal;
mod v1;

use axum::Router;
use axum::routing::{get, post};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::document;
use super::dress::{Listener, dress};
use super::operation::{healthz, metrics, readyz};
use crate::app::AppState;

/// Every route of the private listener.
pub(crate) fn routes(app: AppState) -> Router {
    let routes = OpenApiRouter::with_openapi(document::private())
        .route("/healthz", get(healthz::get))
        .route("/readyz", get(readyz::get))
        .route("/metrics", get(metrics::get))
        .route("/internal/check", post(internal::check::post))
        .route("/internal/feed/{edge}/{seal}/head", get(internal::feed::head::get))
        .route("/internal/feed/{edge}/{seal}/snapshot/{epoch}/{sequence}", get(internal::feed::snapshot::get))
        .route("/internal/keyring", get(internal::keyring::get))
        .route("/internal/refresh", post(internal::refresh::post))
        .routes(routes!(v1::sessions::mint::post, v1::sessions::list::get))
        .routes(routes!(v1::sessions::show::get, v1::sessions::revoke::delete))
        .routes(routes!(v1::actors::show::get, v1::actors::change::patch))
        .routes(routes!(v1::actors::revoke_sessions::delete))
        .routes(routes!(v1::tenants::create::post, v1::tenants::list::get))
        .routes(routes!(v1::tenants::show::get, v1::tenants::delete::delete))
        .routes(routes!(v1::tenants::hosts::put))
        .routes(routes!(v1::tenants::oidc::add::post, v1::tenants::oidc::list::get))
        .routes(routes!(
            v1::tenants::oidc::show::get,
            v1::tenants::oidc::replace::put,
            v1::tenants::oidc::remove::delete
        ))
        .routes(routes!(v1::tenants::oidc::disable::post))
        .routes(routes!(v1::tenants::oidc::enable::post))
        .routes(routes!(v1::tenants::oidc::test::post))
        .routes(routes!(v1::tenants::disable::post))
        .routes(routes!(v1::tenants::enable::post));
    let (mut routes, description) = routes.split_for_parts();
    let description = document::write(&description);
    routes = routes.route("/v1/openapi.json", get(async move || document::answer(description)));
    if app.mode.is_dev() {
        routes = routes.route("/v1/dev/samples", get(v1::dev::samples::get));
    }
    let (metrics, timeout) = (app.metrics.clone(), app.request_timeout);
    dress(routes.with_state(app), Listener::Private, metrics, timeout)
}
