//! The public listener: browsers, through an edge.

mod auth;
mod same_origin;

use axum::Router;
use axum::routing::{get, post};

use super::dress::{Listener, dress};
use super::operation::{healthz, readyz};
use crate::app::AppState;

/// Every route of the public listener.
pub(crate) fn routes(app: AppState) -> Router {
    let mut routes = Router::new()
        .route("/healthz", get(healthz::get))
        .route("/readyz", get(readyz::get))
        .route("/auth/session", get(auth::session::get))
        .route("/auth/logout", post(auth::logout::post));
    if app.dev_sign_in {
        routes = routes.route("/auth/login", get(auth::login::get).post(auth::login::post));
    }
    let (metrics, timeout) = (app.metrics.clone(), app.request_timeout);
    dress(routes.with_state(app), Listener::Public, metrics, timeout)
}
