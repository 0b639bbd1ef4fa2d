//! The public listener: browsers, through an edge.

mod auth;
mod csrf;
mod person;
mod same_origin;

use axum::Router;
use axum::routing::{get, patch, post};

use super::dress::{Listener, dress};
use super::operation::{healthz, readyz};
use crate::app::AppState;

/// Every route of the public listener.
pub(crate) fn routes(app: AppState) -> Router {
    let mut routes = Router::new()
        .route("/healthz", get(healthz::get))
        .route("/readyz", get(readyz::get))
        .route("/auth/session", get(auth::session::get))
        .route("/auth/sessions", get(auth::sessions::list::get).delete(auth::sessions::end_all::delete))
        .route("/auth/sessions/{id}", patch(auth::sessions::label::patch).delete(auth::sessions::end::delete))
        .route("/auth/csrf", get(auth::csrf::get))
        .route("/auth/account", get(auth::account::show::get))
        .route("/auth/account/sign-out-others", post(auth::account::end_others::post))
        .route("/auth/account/sessions/{id}/end", post(auth::account::end::post))
        .route("/auth/account/sessions/{id}/label", post(auth::account::label::post))
        .route("/auth/refresh", post(auth::refresh::post))
        .route("/auth/logout", post(auth::logout::post));
    if app.dev_sign_in {
        routes = routes.route("/auth/login", get(auth::login::get).post(auth::login::post));
    }
    let (metrics, timeout) = (app.metrics.clone(), app.request_timeout);
    dress(routes.with_state(app), Listener::Public, metrics, timeout)
}
