//! An application that does what the story says, request by request: the story gets each one as it arrives, looks at
//! it, reads its body when it likes, and answers it or does not.

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::wait::DEADLINE;

/// The running application.
#[derive(Debug)]
pub struct Steered {
    address: String,
    calls: mpsc::UnboundedReceiver<Call>,
    task: JoinHandle<()>,
}

/// A request that waits for its answer.
#[derive(Debug)]
pub struct Call {
    /// Method, target and headers.
    pub head: Parts,
    /// The body, as it comes.
    pub body: Body,
    answer: oneshot::Sender<Response>,
}

impl Steered {
    /// Starts it.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (send, calls) = mpsc::unbounded_channel();
        let routes = Router::new().fallback(wait_for_answer).with_state(send);
        let task = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { address, calls, task }
    }

    /// Its address: scheme, host and port.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The next request.
    pub async fn next(&mut self) -> Call {
        let call = tokio::time::timeout(DEADLINE, self.calls.recv()).await;
        call.expect("a request arrives in time").expect("the application runs")
    }

    /// Whether no request is waiting.
    pub fn is_idle(&self) -> bool {
        self.calls.is_empty()
    }
}

impl Call {
    /// A header of the request.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Answers it.
    pub fn answer(self, response: impl IntoResponse) {
        assert!(self.answer.send(response.into_response()).is_ok(), "whoever asked is gone");
    }

    /// Answers it and keeps the body, to go on reading it.
    pub fn answer_early(self, response: impl IntoResponse) -> Body {
        assert!(self.answer.send(response.into_response()).is_ok(), "whoever asked is gone");
        self.body
    }
}

impl Drop for Steered {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn wait_for_answer(State(send): State<mpsc::UnboundedSender<Call>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let (answer, answered) = oneshot::channel();
    let call = Call { head, body, answer };
    match send.send(call) {
        Ok(()) => answered.await.unwrap_or_else(|_| StatusCode::GONE.into_response()),
        Err(_) => StatusCode::GONE.into_response(),
    }
}
