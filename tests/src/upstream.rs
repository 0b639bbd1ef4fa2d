//! An application that answers with what reached it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Header of a request that asks the application for a header in its answer, written `name: value`; each
/// line of it stands for one.
pub const ANSWER_WITH: &str = "x-answer-with";

/// The running application.
#[derive(Debug)]
pub struct Upstream {
    address: String,
    requests: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Upstream {
    /// Starts it.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let routes = Router::new()
            .route("/stream", any(answer_stream))
            .fallback(answer_with_request)
            .with_state(Arc::clone(&requests));
        let task = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { address, requests, task }
    }

    /// Its address: scheme, host and port.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// How many requests reached it.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    /// Stops it: connections are refused from now on.
    pub async fn stop(&mut self) {
        self.task.abort();
        // Only the end matters, and it was aborted.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Gives the body back as it comes, so that nobody on the way can wait for its end.
async fn answer_stream(State(requests): State<Arc<AtomicUsize>>, request: Request) -> Response {
    requests.fetch_add(1, Ordering::SeqCst);
    Body::from_stream(request.into_body().into_data_stream()).into_response()
}

async fn answer_with_request(State(requests): State<Arc<AtomicUsize>>, request: Request) -> Response {
    requests.fetch_add(1, Ordering::SeqCst);
    let (parts, body) = request.into_parts();
    let headers: Vec<_> =
        parts.headers.iter().map(|(name, value)| [name.as_str(), &text(value)].map(str::to_owned)).collect();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let seen = json!({
        "method": parts.method.as_str(),
        "target": parts.uri.to_string(),
        "headers": headers,
        "body": String::from_utf8_lossy(&body),
    });
    let mut response = axum::Json(seen).into_response();
    for line in parts.headers.get_all(ANSWER_WITH).iter().map(text) {
        let (name, value) = line.split_once(": ").unwrap();
        response.headers_mut().append(HeaderName::try_from(name).unwrap(), HeaderValue::try_from(value).unwrap());
    }
    response
}

fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}
