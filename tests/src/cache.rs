//! A cache that many share, to stand between two parts of the system. One kind keeps to the rules; the other keeps
//! whatever it is not told to forget.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use sealgate_origin::clock::MovableClock;
use sealgate_shared::time::UnixMillis;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// How a cache behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manners {
    /// As RFC 9111 has it, eager where that leaves it a choice. Caching headers for caches (RFC 9213) go first.
    Polite,
    /// It keeps every answer to a GET that is neither marked `private` nor `no-store`, nor asked for with
    /// `no-store`, and gives it to whoever asks for that URL: `Vary`, `Set-Cookie`, the status and what the request
    /// says are nothing to it.
    Sloppy,
}

/// A running cache.
#[derive(Debug)]
pub struct Cache {
    address: String,
    shelf: Arc<Shelf>,
    task: JoinHandle<()>,
}

/// An answer that was kept.
#[derive(Clone, Debug)]
pub struct Kept {
    url: String,
    varies_with: Vec<(String, Vec<u8>)>,
    /// When it was asked for, by the story's clock if there is one.
    asked_at: Option<UnixMillis>,
    status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

#[derive(Debug)]
struct Shelf {
    manners: Manners,
    server: Mutex<String>,
    client: reqwest::Client,
    kept: Mutex<Vec<Kept>>,
    hits: Mutex<usize>,
    /// Without one nothing grows old: most stories are over within any lifetime.
    clock: Mutex<Option<MovableClock>>,
}

impl Cache {
    /// Starts it before a server (scheme, host and port).
    pub async fn start(manners: Manners, server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let shelf = Arc::new(Shelf {
            manners,
            server: Mutex::new(server.to_owned()),
            client: crate::edge::client(),
            kept: Mutex::default(),
            hits: Mutex::default(),
            clock: Mutex::default(),
        });
        let routes = Router::new().fallback(answer).with_state(Arc::clone(&shelf));
        let task = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { address, shelf, task }
    }

    /// Its address: scheme, host and port.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Puts it before another server.
    pub fn stand_before(&self, server: &str) {
        server.clone_into(&mut self.shelf.server.lock().unwrap());
    }

    /// From now on what it holds grows old by this clock, and it says how old.
    pub fn go_by(&self, clock: MovableClock) {
        *self.shelf.clock.lock().unwrap() = Some(clock);
    }

    /// What it holds.
    pub fn kept(&self) -> Vec<Kept> {
        self.shelf.kept.lock().unwrap().clone()
    }

    /// How many requests it has answered by itself.
    pub fn hits(&self) -> usize {
        *self.shelf.hits.lock().unwrap()
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(State(shelf): State<Arc<Shelf>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let host = head.headers.get("host").map_or("", |host| host.to_str().unwrap());
    let url = format!("{host}{}", head.uri);
    let asked_at = shelf.now();
    if head.method == Method::GET
        && let Some(kept) = shelf.find(&url, &head.headers)
    {
        *shelf.hits.lock().unwrap() += 1;
        let age = kept.age_ms(asked_at) / 1_000;
        return respond(kept.status, &kept.headers, kept.body, &[("age", age.to_string())]);
    }
    let server = shelf.server.lock().unwrap().clone();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let onward =
        shelf.client.request(head.method.clone(), format!("{server}{}", head.uri)).headers(head.headers.clone());
    let answer = onward.body(body).send().await.unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = answer.bytes().await.unwrap();
    if head.method == Method::GET && shelf.manners.keep(&head.headers, status, &headers) {
        let varies_with = names_in_vary(&headers).map(|name| (name.clone(), value(&head.headers, &name))).collect();
        let kept = Kept { url, varies_with, asked_at, status, headers: headers.clone(), body: body.clone() };
        shelf.kept.lock().unwrap().push(kept);
    }
    respond(status, &headers, body, &[])
}

impl Shelf {
    fn now(&self) -> Option<UnixMillis> {
        self.clock.lock().unwrap().as_ref().map(MovableClock::now)
    }

    fn find(&self, url: &str, request: &HeaderMap) -> Option<Kept> {
        let polite = self.manners == Manners::Polite;
        let wants_new = says(request, "cache-control", "no-cache") || says(request, "pragma", "no-cache");
        if polite && (wants_new || says(request, "cache-control", "no-store")) {
            return None;
        }
        let fits = |kept: &&Kept| {
            let varied = kept.varies_with.iter().all(|(name, known)| name != "*" && value(request, name) == *known);
            kept.url == url && (varied || !polite)
        };
        let now = self.now();
        let mut kept = self.kept.lock().unwrap();
        kept.retain(|kept| kept.age_ms(now) < kept.lifetime_ms());
        kept.iter().find(fits).cloned()
    }
}

impl Kept {
    fn age_ms(&self, now: Option<UnixMillis>) -> u64 {
        self.asked_at.zip(now).map_or(0, |(asked_at, now)| now.since(asked_at))
    }

    fn lifetime_ms(&self) -> u64 {
        let caching = String::from_utf8_lossy(&value(&self.headers, "cache-control")).to_lowercase();
        let seconds = caching.split(',').find_map(|part| part.trim().strip_prefix("max-age=")?.parse::<u64>().ok());
        seconds.map_or(u64::MAX, |seconds| seconds * 1_000)
    }
}

impl Manners {
    /// Whether the answer may be kept.
    fn keep(self, request: &HeaderMap, status: StatusCode, answer: &HeaderMap) -> bool {
        let marked = |name| says(answer, "cache-control", name);
        if says(request, "cache-control", "no-store") {
            return false;
        }
        if self == Self::Sloppy {
            return !marked("private") && !marked("no-store");
        }
        let targeted = ["cdn-cache-control", "surrogate-control"].into_iter().find(|name| answer.contains_key(*name));
        let field = targeted.unwrap_or("cache-control");
        let says = |name| says(answer, field, name);
        let forbidden = (says("no-store") && !says("must-understand")) || says("private");
        let allowed = says("public") || says("s-maxage");
        let lives = says("max-age") || answer.contains_key("expires") || answer.contains_key("last-modified");
        let is_usual = matches!(status.as_u16(), 200 | 203 | 204 | 300 | 301 | 308 | 404 | 405 | 410 | 414 | 501);
        let restricted = request.contains_key("authorization") || answer.contains_key("set-cookie");
        !forbidden && !says("no-cache") && (allowed || lives && !restricted) && (is_usual || allowed || says("max-age"))
    }
}

/// Whether a directive stands in a header, without a list of fields: `private="a"` marks nothing but the field `a`.
fn says(headers: &HeaderMap, field: &str, directive: &str) -> bool {
    let values = headers.get_all(field).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).to_lowercase());
    let parts: Vec<String> = values.flat_map(|value| value.split(',').map(str::to_owned).collect::<Vec<_>>()).collect();
    parts.iter().any(|part| {
        let (name, argument) = part.trim().split_once('=').unwrap_or((part.trim(), ""));
        name == directive && !argument.starts_with('"')
    })
}

fn names_in_vary(headers: &HeaderMap) -> impl Iterator<Item = String> {
    let values = headers.get_all("vary").iter().map(|value| value.to_str().unwrap().to_lowercase());
    values.flat_map(|value| value.split(',').map(|name| name.trim().to_owned()).collect::<Vec<_>>())
}

fn value(headers: &HeaderMap, name: &str) -> Vec<u8> {
    headers.get(name).map_or_else(Vec::new, |value| value.as_bytes().to_vec())
}

fn respond(status: StatusCode, headers: &HeaderMap, body: Bytes, more: &[(&'static str, String)]) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers.clone();
    for name in ["transfer-encoding", "connection"] {
        response.headers_mut().remove(name);
    }
    for (name, value) in more {
        response.headers_mut().insert(*name, value.parse().unwrap());
    }
    response
}
