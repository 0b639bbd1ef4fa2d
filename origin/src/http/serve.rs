//! Accepting connections, and ending in good order.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tower::ServiceExt as _;

use super::answer_deadline::AnswerDeadline;

/// Request line and headers much beyond this (hyper looks after each read) are refused unseen.
const MAX_HEAD: usize = 32 * 1024;
const MAX_HEADERS: usize = 100;
/// How long to wait when no connection can be accepted for want of file descriptors.
const BREATHER: Duration = Duration::from_millis(50);

/// How long things may take, and how many there may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Connections at once. Those beyond wait in the kernel, rather than take the file descriptors that the
    /// database needs; each that does nothing is gone at its deadline.
    pub(crate) connections: usize,
    /// Until a request's headers are there, counted from the answer before: idle connections end by it too.
    pub(crate) headers: Duration,
    /// Until an answer has left, once the client takes no more of it for the moment.
    pub(crate) answer: Duration,
    /// Until requests under way are cut off when the server ends.
    pub(crate) shutdown: Duration,
}

/// Serves a router until `stop` says so; then accepts nothing more and finishes what is under way.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    mut stop: watch::Receiver<bool>,
    bounds: Bounds,
) -> io::Result<()> {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(bounds.headers).max_buf_size(MAX_HEAD).max_headers(MAX_HEADERS);
    let connections = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(bounds.connections));
    let mut stopped = pin!(async move { drop(stop.wait_for(|stop| *stop).await) });
    loop {
        let (accepted, place) = tokio::select! {
            () = &mut stopped => break,
            (accepted, place) = accept(&listener, &places) => match accepted {
                Ok(accepted) => (accepted, place),
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(BREATHER).await;
                    continue;
                }
            },
        };
        spawn(&http, &connections, accepted, bounds.answer, router.clone(), place);
    }
    drop(listener);
    if tokio::time::timeout(bounds.shutdown, connections.shutdown()).await.is_err() {
        tracing::warn!("requests under way were cut off at the shutdown deadline");
    }
    Ok(())
}

/// Takes a connection as soon as there is a place for it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (io::Result<(TcpStream, SocketAddr)>, Option<OwnedSemaphorePermit>) {
    // Nobody closes the semaphore; without a place is still better than not at all.
    let place = Arc::clone(places).acquire_owned().await.ok();
    (listener.accept().await, place)
}

/// Serves one connection. Each request is told the address at the other end; headers that claim another are
/// not read by anybody here.
fn spawn(
    http: &http1::Builder,
    connections: &GracefulShutdown,
    (stream, peer): (TcpStream, SocketAddr),
    answer_deadline: Duration,
    router: Router,
    place: Option<OwnedSemaphorePermit>,
) {
    // Answers are small and whole: nothing is gained by waiting for more.
    drop(stream.set_nodelay(true));
    let stream = TokioIo::new(AnswerDeadline::new(stream, answer_deadline));
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request.map(Body::new))
    });
    let connection = connections.watch(http.serve_connection(stream, service));
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection ended badly");
        }
        drop(place);
    });
}
