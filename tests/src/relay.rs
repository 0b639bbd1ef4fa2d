//! A place between two parts of the system that keeps a record of what passes, and does to it what the story says: bends
//! answers, or holds questions or answers back until the story lets each of them go, or loses it.

use std::fmt;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use futures_util::stream;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::wait::within;

/// The running relay.
#[derive(Debug)]
pub struct Relay {
    address: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

/// A question, and what the origin answered.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub path: String,
    pub asked_with: HeaderMap,
    pub answer: Document,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Document {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// Whether the connection breaks before the end that was announced.
    pub breaks_off: bool,
}

/// A question that nobody has been asked yet.
#[derive(Clone, Debug)]
pub struct Question {
    pub path: String,
    pub asked_with: HeaderMap,
}

/// An answer (or a question) that waits until the story lets it go. One that is dropped is lost.
#[derive(Debug)]
pub struct Held<T = Exchange> {
    pub exchange: T,
    let_go: oneshot::Sender<()>,
}

type Bend = Arc<dyn Fn(&Exchange) -> Document + Send + Sync>;

/// Where those go that are held back, and which these are: whose path has this in it.
type Hold<T> = Option<(mpsc::UnboundedSender<Held<T>>, String)>;

struct Shared {
    server: Mutex<String>,
    client: reqwest::Client,
    bend: Mutex<Option<Bend>>,
    holding: Mutex<Hold<Exchange>>,
    stopping: Mutex<Hold<Question>>,
    passed: Mutex<Vec<Exchange>>,
}

impl Relay {
    /// Starts it, before nothing yet.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            server: Mutex::default(),
            client: crate::edge::client(),
            bend: Mutex::default(),
            holding: Mutex::default(),
            stopping: Mutex::default(),
            passed: Mutex::default(),
        });
        let routes = Router::new().fallback(pass).with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { address, shared, task }
    }

    /// Its address: scheme, host and port.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Puts itself in the place of a server (scheme, host and port) in a configuration.
    pub fn stand_before(&self, server: &mut Value) {
        self.turn_to(server.as_str().unwrap());
        *server = Value::from(self.address.clone());
    }

    /// Asks another server from now on.
    pub fn turn_to(&self, server: &str) {
        server.clone_into(&mut self.shared.server.lock().unwrap());
    }

    /// From now on answers become what the story makes of them.
    pub fn bend(&self, bend: impl Fn(&Exchange) -> Document + Send + Sync + 'static) {
        *self.shared.bend.lock().unwrap() = Some(Arc::new(bend));
    }

    /// From now on answers go on as they are.
    pub fn straighten(&self) {
        *self.shared.bend.lock().unwrap() = None;
    }

    /// From now on, as long as the story keeps what it is given here, answers wait until it lets them go.
    pub fn hold(&self) -> Holding {
        self.hold_at("")
    }

    /// As [`Relay::hold`], those alone that were asked for under a path with this in it.
    pub fn hold_at(&self, part: &str) -> Holding {
        let (send, held) = mpsc::unbounded_channel();
        *self.shared.holding.lock().unwrap() = Some((send, part.to_owned()));
        Holding(held)
    }

    /// From now on questions under a path with this in it wait before they are asked.
    pub fn stop_at(&self, part: &str) -> Holding<Question> {
        let (send, held) = mpsc::unbounded_channel();
        *self.shared.stopping.lock().unwrap() = Some((send, part.to_owned()));
        Holding(held)
    }

    /// Nothing that comes waits any more.
    pub fn let_all_go(&self) {
        *self.shared.holding.lock().unwrap() = None;
        *self.shared.stopping.lock().unwrap() = None;
    }

    /// What has passed so far, oldest first: what the origin said, not what became of it.
    pub fn passed(&self) -> Vec<Exchange> {
        self.shared.passed.lock().unwrap().clone()
    }

    /// How much has passed so far that was asked for under a path with this in it.
    pub fn count(&self, part: &str) -> usize {
        self.shared.passed.lock().unwrap().iter().filter(|exchange| exchange.path.contains(part)).count()
    }
}

/// Answers (or questions) as they come to be held.
#[derive(Debug)]
pub struct Holding<T = Exchange>(mpsc::UnboundedReceiver<Held<T>>);

impl<T> Holding<T> {
    /// The next one.
    pub async fn next(&mut self) -> Held<T> {
        within("something to hold", self.0.recv()).await.expect("the relay runs")
    }
}

impl<T> Held<T> {
    /// Lets it go on.
    pub fn let_go(self) {
        // Whoever asked may be gone.
        let _ = self.let_go.send(());
    }
}

impl Exchange {
    /// Whether it was about the head of the feed.
    pub fn is_head(&self) -> bool {
        self.path.ends_with("/head")
    }

    /// Whether it was about a snapshot of the feed.
    pub fn is_snapshot(&self) -> bool {
        self.path.contains("/snapshot/")
    }

    /// A header of the question.
    pub fn asked_with(&self, name: &str) -> Option<&str> {
        self.asked_with.get(name).map(|value| value.to_str().unwrap())
    }
}

impl Document {
    /// An answer of somebody else's making.
    pub fn new(status: u16, body: impl Into<Bytes>) -> Self {
        let status = StatusCode::from_u16(status).expect("it is a status");
        Self { status, headers: HeaderMap::new(), body: body.into(), breaks_off: false }
    }

    /// The same with another body.
    #[must_use]
    pub fn with_body(self, body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..self }
    }

    /// The same with one header more.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, value.parse().expect("it is a value"));
        self
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("server", &self.server).finish_non_exhaustive()
    }
}

async fn pass(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let path = head.uri.path_and_query().map_or_else(String::new, ToString::to_string);
    let question = Question { path: path.clone(), asked_with: head.headers.clone() };
    if !wait_if_told(&shared.stopping, &path, question).await {
        return respond(Document::new(502, "the story has forgotten the question"));
    }
    let answer = match ask(&shared, &head.method, &path, head.headers.clone(), body).await {
        Ok(answer) => answer,
        Err(_) => Document::new(502, "the origin is not there"),
    };
    let exchange = Exchange { path, asked_with: head.headers, answer };
    shared.passed.lock().unwrap().push(exchange.clone());
    let bend = shared.bend.lock().unwrap().clone();
    let answer = bend.map_or_else(|| exchange.answer.clone(), |bend| bend(&exchange));
    let path = exchange.path.clone();
    if !wait_if_told(&shared.holding, &path, exchange).await {
        return respond(Document::new(502, "the story has forgotten it"));
    }
    respond(answer)
}

/// Waits until the story lets it go, should it be one of those; false when the story has lost it.
async fn wait_if_told<T>(hold: &Mutex<Hold<T>>, path: &str, exchange: T) -> bool {
    let told = hold.lock().unwrap().clone();
    let Some((send, _)) = told.filter(|(_, part)| path.contains(part.as_str())) else { return true };
    let (let_go, gone) = oneshot::channel();
    send.send(Held { exchange, let_go }).is_err() || gone.await.is_ok()
}

async fn ask(
    shared: &Shared,
    method: &Method,
    path: &str,
    headers: HeaderMap,
    body: Body,
) -> reqwest::Result<Document> {
    let url = format!("{}{path}", shared.server.lock().unwrap());
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let answer = shared.client.request(method.clone(), url).headers(headers).body(body).send().await?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    Ok(Document { status, headers, body: answer.bytes().await?, breaks_off: false })
}

fn respond(document: Document) -> Response {
    let Document { status, mut headers, body, breaks_off } = document;
    for name in ["transfer-encoding", "connection", "content-length"] {
        headers.remove(name);
    }
    let body = if breaks_off {
        let end = Err(std::io::Error::other("the connection breaks"));
        Body::from_stream(stream::iter([Ok(body), end]))
    } else {
        Body::from(body)
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
