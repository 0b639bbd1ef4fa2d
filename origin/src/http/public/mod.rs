//! The public listener: browsers, through an edge.

mod auth;
mod csrf;
mod person;
mod same_origin;

use axum::Router;
use axum::routing::{any, get};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::document;
use super::dress::{Listener, dress};
use super::extract::PublicRequest;
use super::operation::{healthz, readyz};
use crate::app::AppState;

/// Every route of the public listener.
pub(crate) fn routes(app: AppState) -> Router {
    let routes = OpenApiRouter::with_openapi(document::public())
        .route("/healthz", get(healthz::get))
        .route("/readyz", get(readyz::get))
        .routes(routes!(auth::session::get))
        .routes(routes!(auth::sessions::list::get, auth::sessions::end_all::delete))
        .routes(routes!(auth::sessions::label::patch, auth::sessions::end::delete))
        .routes(routes!(auth::csrf::get))
        .routes(routes!(auth::account::show::get))
        .routes(routes!(auth::account::end_others::post))
        .routes(routes!(auth::account::end::post))
        .routes(routes!(auth::account::label::post))
        .routes(routes!(auth::refresh::post))
        .routes(routes!(auth::login::get, auth::login::post))
        .routes(routes!(auth::oidc::start::get))
        .routes(routes!(auth::oidc::callback::own::get, auth::oidc::callback::own::head))
        .routes(routes!(auth::oidc::callback::shared::get, auth::oidc::callback::shared::head))
        .routes(routes!(auth::oidc::backchannel_logout::post))
        .route("/auth/break-glass", any(auth::break_glass::any))
        .routes(routes!(auth::logout::post));
    let (routes, description) = routes.split_for_parts();
    let description = document::write(&description);
    let routes = routes.route("/auth/openapi.json", get(async move |_: PublicRequest| document::answer(description)));
    let (metrics, timeout) = (app.metrics.clone(), app.request_timeout);
    dress(routes.with_state(app), Listener::Public, metrics, timeout)
}
