//! The private listener: backends, edges, operators.

mod internal;
mod v1;

use axum::Router;
use axum::routing::{delete, get, post, put};

use super::dress::{Listener, dress};
use super::operation::{healthz, metrics, readyz};
use crate::app::AppState;

/// Every route of the private listener.
pub(crate) fn routes(app: AppState) -> Router {
    let mut routes = Router::new()
        .route("/healthz", get(healthz::get))
        .route("/readyz", get(readyz::get))
        .route("/metrics", get(metrics::get))
        .route("/internal/check", post(internal::check::post))
        .route("/internal/feed/{edge}/{seal}/head", get(internal::feed::head::get))
        .route("/internal/feed/{edge}/{seal}/snapshot/{epoch}/{sequence}", get(internal::feed::snapshot::get))
        .route("/internal/keyring", get(internal::keyring::get))
        .route("/internal/refresh", post(internal::refresh::post))
        .route("/v1/sessions", post(v1::sessions::mint::post).get(v1::sessions::list::get))
        .route("/v1/sessions/{id}", get(v1::sessions::show::get).delete(v1::sessions::revoke::delete))
        .route("/v1/actors/{kind}/{id}", get(v1::actors::show::get).patch(v1::actors::change::patch))
        .route("/v1/actors/{kind}/{id}/sessions", delete(v1::actors::revoke_sessions::delete))
        .route("/v1/tenants", post(v1::tenants::create::post).get(v1::tenants::list::get))
        .route("/v1/tenants/{id}", get(v1::tenants::show::get).delete(v1::tenants::delete::delete))
        .route("/v1/tenants/{id}/hosts", put(v1::tenants::hosts::put))
        .route("/v1/tenants/{id}/disable", post(v1::tenants::disable::post))
        .route("/v1/tenants/{id}/enable", post(v1::tenants::enable::post));
    if app.mode.is_dev() {
        routes = routes.route("/v1/dev/samples", get(v1::dev::samples::get));
    }
    let (metrics, timeout) = (app.metrics.clone(), app.request_timeout);
    dress(routes.with_state(app), Listener::Private, metrics, timeout)
}
