//! What every request goes through before it reaches a route, and every answer on its way out.

use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::{Instrument as _, Span};

use super::Problem;
use super::operation::metrics::Metrics;
use crate::random;

/// The largest body we read.
const BODY_LIMIT: usize = 64 * 1024;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Which of the two listeners a request came in by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Listener {
    Public,
    Private,
}

impl Listener {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
        }
    }
}

#[derive(Clone)]
struct Observer {
    listener: Listener,
    metrics: Metrics,
}

/// Puts the layers around a listener's routes; the first is the first to see a request. All at once: each call of
/// `layer` would box every request's way through once more.
pub(super) fn dress(routes: Router, listener: Listener, metrics: Metrics, timeout: Duration) -> Router {
    routes
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .layer(
            ServiceBuilder::new()
                .layer(middleware::from_fn_with_state(Observer { listener, metrics }, observe))
                .layer(CatchPanicLayer::custom(answer_panic))
                .layer(middleware::from_fn_with_state(timeout, limit_time))
                .layer(DefaultBodyLimit::max(BODY_LIMIT)),
        )
}

/// Gives up on a request that takes too long, be it the client that dribbles its body or us.
async fn limit_time(State(timeout): State<Duration>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::unavailable("request_timeout", "The request took too long.").into_response(),
    }
}

fn answer_panic(_: Box<dyn std::any::Any + Send>) -> Response {
    // The panic hook has printed where it happened; the payload may hold anything, so it stays out of here.
    tracing::error!("a handler panicked");
    Problem::internal().into_response()
}

/// Names, counts and logs the request. The log has the route, never the path: paths carry ids, and
/// queries carry whatever people put there.
async fn observe(State(observer): State<Observer>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = choose_request_id(&request);
    let route = request.extensions().get::<MatchedPath>().map_or("(none)", MatchedPath::as_str).to_owned();
    let span = if is_incessant(&route) { Span::none() } else { name_request(&observer, &id, &route, &request) };
    async {
        let mut response = next.run(request).await;
        let status = response.status();
        let elapsed = started.elapsed();
        if !is_operation(&route) {
            observer.metrics.count_request(observer.listener, status, elapsed);
        }
        let elapsed_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        if !is_incessant(&route) {
            tracing::info!(status = status.as_u16(), elapsed_us, "answered");
        } else if !status.is_success() {
            let id = id.to_str().unwrap_or_default();
            tracing::info!(id, route, status = status.as_u16(), elapsed_us, "answered");
        }
        let headers = response.headers_mut();
        headers.insert(REQUEST_ID, id.clone());
        // Some documents are for caches; whatever does not say so is for nobody but the caller.
        headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
        response
    }
    .instrument(span)
    .await
}

/// What every line about the request says.
fn name_request(observer: &Observer, id: &HeaderValue, route: &str, request: &Request) -> Span {
    tracing::info_span!(
        "request",
        listener = observer.listener.as_str(),
        id = id.to_str().unwrap_or_default(),
        method = %request.method(),
        route,
    )
}

/// Whether edges ask this so often that a line for each answer would cost more than the answer and tell nobody
/// anything. The metrics count them, and those that fail are logged.
fn is_incessant(route: &str) -> bool {
    matches!(route, "/internal/check" | "/internal/feed/{edge}/{seal}/head")
}

/// Whether the route is for the operator's machinery, which asks all day and is not counted.
fn is_operation(route: &str) -> bool {
    matches!(route, "/healthz" | "/readyz" | "/metrics")
}

/// Keeps the caller's id when it is one that can stand in a log; draws one otherwise.
fn choose_request_id(request: &Request) -> HeaderValue {
    let sane = |id: &&HeaderValue| {
        (1..=64).contains(&id.len())
            && id.as_bytes().iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
    };
    if let Some(id) = request.headers().get(REQUEST_ID).filter(sane) {
        return id.clone();
    }
    // Without randomness the request will fail by itself, where that matters.
    let drawn = random::draw::<12>().unwrap_or_default();
    HeaderValue::try_from(URL_SAFE_NO_PAD.encode(drawn)).expect("base64url consists of header characters")
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::StatusCode;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    fn dressed(routes: Router) -> Router {
        dress(routes, Listener::Private, Metrics::default(), Duration::from_secs(10))
    }

    async fn ask(router: Router, request_id: Option<&str>) -> Response {
        let mut request = Request::builder().uri("/");
        if let Some(id) = request_id {
            request = request.header(REQUEST_ID, id);
        }
        router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn a_panic_is_a_500_problem() {
        let routes = Router::new().route("/", get(async || -> &'static str { panic!("on purpose") }));
        let response = ask(dressed(routes), None).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        assert_eq!(response.headers()["cache-control"], "no-store");
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_hangs_is_given_up() {
        let routes = Router::new().route("/", get(async || std::future::pending::<&'static str>().await));
        let response = ask(dressed(routes), None).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()["retry-after"], "1");
    }

    #[tokio::test]
    async fn sane_request_ids_are_echoed_and_others_replaced() {
        let routes = || dressed(Router::new().route("/", get(async || "here")));
        let echoed = ask(routes(), Some("abc-123_x.y")).await;
        assert_eq!(echoed.headers()[REQUEST_ID], "abc-123_x.y");
        for odd in ["", "a b", "a\u{e9}", "<script>", &"a".repeat(65)] {
            let replaced = ask(routes(), Some(odd)).await;
            let id = replaced.headers()[REQUEST_ID].to_str().unwrap();
            assert_eq!(id.len(), 16, "{odd} became {id}");
        }
        assert_ne!(ask(routes(), None).await.headers()[REQUEST_ID], ask(routes(), None).await.headers()[REQUEST_ID]);
    }
}
