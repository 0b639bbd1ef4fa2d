//! The private listener: backends, edges, operators.

mod internal;
mod v1;

use axum::Router;
use axum::routing::{delete, get, post};

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
        .route("/internal/keyring", get(internal::keyring::get))
        .route("/v1/sessions", post(v1::sessions::mint::post).get(v1::sessions::list::get))
        .route("/v1/sessions/{id}", get(v1::sessions::show::get).delete(v1::sessions::revoke::delete))
        .route("/v1/actors/{kind}/{id}/sessions", delete(v1::actors::revoke_sessions::delete));
    if app.mode.is_dev() {
        routes = routes.route("/v1/dev/samples", get(v1::dev::samples::get));
    }
    let (metrics, timeout) = (app.metrics.clone(), app.request_timeout);
    dress(routes.with_state(app), Listener::Private, metrics, timeout)
}
