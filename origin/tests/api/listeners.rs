//! Real sockets: both listeners, and ending in good order.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::kit::Origin;

struct Running {
    public: String,
    private: String,
    stop: oneshot::Sender<()>,
    ended: tokio::task::JoinHandle<std::io::Result<()>>,
}

async fn serve(origin: &Origin) -> Running {
    let public = TcpListener::bind(origin.config.listen_public).await.unwrap();
    let private = TcpListener::bind(origin.config.listen_private).await.unwrap();
    let (stop, stopped) = oneshot::channel();
    let (public_address, private_address) = (public.local_addr().unwrap(), private.local_addr().unwrap());
    let ended = tokio::spawn(origin.app.clone().serve(public, private, async { drop(stopped.await) }));
    Running { public: format!("http://{public_address}"), private: format!("http://{private_address}"), stop, ended }
}

/// Sends the head of a request to mint; its body is for later.
async fn begin_mint(origin: &Origin, running: &Running) -> (TcpStream, &'static str) {
    let mut connection = TcpStream::connect(running.private.trim_start_matches("http://")).await.unwrap();
    let body = r#"{"tenant":"demo","actor_type":"user","actor_id":"ada"}"#;
    let head = format!(
        "POST /v1/sessions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        origin.token,
        body.len()
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    // The go-ahead says that the handler has the request and waits for its body.
    let mut go_ahead = [0; 25];
    connection.read_exact(&mut go_ahead).await.unwrap();
    assert!(go_ahead.starts_with(b"HTTP/1.1 100 Continue"));
    (connection, body)
}

#[tokio::test]
async fn both_listeners_answer_until_they_are_stopped() {
    let origin = Origin::start().await;
    let running = serve(&origin).await;
    let client = reqwest::Client::new();
    for base in [&running.public, &running.private] {
        assert_eq!(client.get(format!("{base}/readyz")).send().await.unwrap().status(), 200);
    }
    running.stop.send(()).unwrap();
    running.ended.await.unwrap().unwrap();
    assert!(client.get(format!("{}/healthz", running.public)).send().await.is_err());
    assert!(client.get(format!("{}/healthz", running.private)).send().await.is_err());
}

#[tokio::test]
async fn a_request_under_way_is_finished() {
    let origin = Origin::start().await;
    let running = serve(&origin).await;
    let (mut connection, body) = begin_mint(&origin, &running).await;
    running.stop.send(()).unwrap();
    // The listeners are gone before the body arrives.
    while TcpStream::connect(running.public.trim_start_matches("http://")).await.is_ok() {
        tokio::task::yield_now().await;
    }
    connection.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 Created"), "{answer}");
    running.ended.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_request_that_does_not_end_holds_nothing_up_for_ever() {
    let origin = Origin::start_with(|config| {
        config.request_timeout = Duration::from_hours(1);
        config.shutdown_timeout = Duration::from_millis(1);
    })
    .await;
    let running = serve(&origin).await;
    let (mut connection, _) = begin_mint(&origin, &running).await;
    running.stop.send(()).unwrap();
    running.ended.await.unwrap().unwrap();
    connection.write_all(b"{").await.unwrap();
}

#[tokio::test]
async fn headers_that_never_end_are_given_up() {
    let origin = Origin::start_with(|config| config.header_timeout = Duration::from_millis(50)).await;
    let running = serve(&origin).await;
    let mut connection = TcpStream::connect(running.private.trim_start_matches("http://")).await.unwrap();
    connection.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ").await.unwrap();
    let mut answer = Vec::new();
    // Ends by itself, because the server hangs up.
    drop(connection.read_to_end(&mut answer).await);
    assert!(!answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
}

#[tokio::test]
async fn a_flood_of_headers_is_refused_by_the_http_layer() {
    let origin = Origin::start().await;
    let running = serve(&origin).await;
    for head in ["X-A: b\r\n".repeat(150), format!("X-A: {}\r\n", "b".repeat(100_000))] {
        let mut connection = TcpStream::connect(running.private.trim_start_matches("http://")).await.unwrap();
        drop(connection.write_all(format!("GET /healthz HTTP/1.1\r\nHost: x\r\n{head}\r\n").as_bytes()).await);
        let mut answer = Vec::new();
        drop(connection.read_to_end(&mut answer).await);
        assert!(!answer.starts_with(b"HTTP/1.1 200"), "{} bytes of headers", head.len());
    }
}

#[tokio::test]
async fn a_client_that_reads_no_answers_is_hung_up_on() {
    let origin = Origin::start_with(|config| config.answer_timeout = Duration::from_millis(100)).await;
    let running = serve(&origin).await;
    let mut connection = TcpStream::connect(running.private.trim_start_matches("http://")).await.unwrap();
    let requests = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1_000);
    // Asks for as long as the server listens. Without the deadline both would wait for each other for ever.
    let ask = async { while connection.write_all(requests.as_bytes()).await.is_ok() {} };
    tokio::time::timeout(Duration::from_secs(30), ask).await.expect("the server hangs up");
    let answer = reqwest::get(format!("{}/healthz", running.private)).await.unwrap();
    assert_eq!(answer.status(), 200, "others are answered");
}

#[tokio::test]
async fn connections_beyond_the_bound_wait_their_turn() {
    let origin = Origin::start_with(|config| config.max_connections = 1).await;
    let running = serve(&origin).await;
    let (first, _) = begin_mint(&origin, &running).await;
    let mut second = TcpStream::connect(running.private.trim_start_matches("http://")).await.unwrap();
    second.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    let early = tokio::time::timeout(Duration::from_millis(100), second.read_to_string(&mut answer)).await;
    assert!(early.is_err(), "answered while the only place was taken: {answer}");
    // The other listener has places of its own.
    assert_eq!(reqwest::get(format!("{}/healthz", running.public)).await.unwrap().status(), 200);
    drop(first);
    second.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
}
