//! Accepting connections, and ending in good order.

use std::io;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Request line and headers much beyond this (hyper looks after each read) are refused unseen.
const MAX_HEAD: usize = 32 * 1024;
const MAX_HEADERS: usize = 100;
/// How long to wait when no connection can be accepted for want of file descriptors.
const BREATHER: Duration = Duration::from_millis(50);

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadlines {
    /// Until a request's headers are there, counted from the answer before: idle connections end by it too.
    pub(crate) headers: Duration,
    /// Until requests under way are cut off when the server ends.
    pub(crate) shutdown: Duration,
}

/// Serves a router until `stop` says so; then accepts nothing more and finishes what is under way.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    mut stop: watch::Receiver<bool>,
    deadlines: Deadlines,
) -> io::Result<()> {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(deadlines.headers)
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADERS);
    let connections = GracefulShutdown::new();
    let mut stopped = pin!(async move { drop(stop.wait_for(|stop| *stop).await) });
    loop {
        let stream = tokio::select! {
            () = &mut stopped => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(BREATHER).await;
                    continue;
                }
            },
        };
        spawn(&http, &connections, stream, router.clone());
    }
    drop(listener);
    if tokio::time::timeout(deadlines.shutdown, connections.shutdown()).await.is_err() {
        tracing::warn!("requests under way were cut off at the shutdown deadline");
    }
    Ok(())
}

fn spawn(http: &http1::Builder, connections: &GracefulShutdown, stream: TcpStream, router: Router) {
    // Answers are small and whole: nothing is gained by waiting for more.
    drop(stream.set_nodelay(true));
    let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let connection = connections.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection ended badly");
        }
    });
}
