//! `WebSocket` connections through the edge (RFC 6455).

use futures_util::{SinkExt as _, StreamExt as _};
use sealgate_tests::browser::Browser;
use sealgate_tests::raw;
use sealgate_tests::stack::{DEMO, Stack};
use sealgate_tests::wait::within;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::handshake::client::{Response, generate_key};
use tokio_tungstenite::tungstenite::handshake::server;
use tokio_tungstenite::tungstenite::http::{HeaderMap, Request, StatusCode};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async, client_async};

type Socket = WebSocketStream<TcpStream>;

struct World {
    stack: Stack,
    application: TcpListener,
}

impl World {
    async fn start() -> Self {
        let application = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", application.local_addr().unwrap());
        let stack = Stack::start_with(|settings| settings["tenants"][0]["upstream"] = json!(address)).await;
        Self { stack, application }
    }

    /// Opens a WebSocket, and gives both ends: the browser's with the answer, the application's with the request.
    async fn open(&self, browser: &Browser, path: &str) -> (Socket, Response, Socket, HeaderMap) {
        let both = async { tokio::join!(self.connect(browser, path), self.accept()) };
        let ((socket, answer), (application, headers)) = within("both ends of a connection", both).await;
        (socket, answer, application, headers)
    }

    async fn connect(&self, browser: &Browser, path: &str) -> (Socket, Response) {
        let request = Request::get(format!("ws://{DEMO}{path}"))
            .header("host", DEMO)
            .header("connection", "Upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", generate_key())
            .header("sec-websocket-protocol", "chat.v1, chat.v2")
            .header("cookie", browser.cookie_header())
            .header("sec-fetch-site", "same-origin")
            .body(())
            .unwrap();
        client_async(request, raw::connect(self.stack.edge.address()).await).await.expect("the edge lets it through")
    }

    async fn accept(&self) -> (Socket, HeaderMap) {
        let (connection, _) = self.application.accept().await.unwrap();
        let mut headers = HeaderMap::new();
        let choose = |request: &server::Request, mut response: server::Response| {
            headers = request.headers().clone();
            response.headers_mut().insert("sec-websocket-protocol", "chat.v2".parse().unwrap());
            for line in ["theme=dark; Path=/", "__Host-sg=planted; Path=/; Secure; HttpOnly; SameSite=Lax"] {
                response.headers_mut().append("set-cookie", line.parse().unwrap());
            }
            Ok(response)
        };
        let socket = accept_hdr_async(connection, choose).await.unwrap();
        (socket, headers)
    }
}

async fn next(socket: &mut Socket) -> Message {
    within("a message", socket.next()).await.unwrap().unwrap()
}

#[tokio::test]
async fn messages_pass_both_ways_under_the_identity_of_the_session() {
    let world = World::start().await;
    let (ada, session) = world.stack.signed_in("ada").await;
    let (mut browser, answer, mut application, headers) = world.open(&ada, "/chat").await;
    assert_eq!(answer.status(), StatusCode::SWITCHING_PROTOCOLS);
    assert_eq!(answer.headers()["sec-websocket-protocol"], "chat.v2");
    let cookies: Vec<_> = answer.headers().get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["theme=dark; Path=/"], "of ours it can set none here either");
    assert_eq!(headers["sec-websocket-protocol"], "chat.v1, chat.v2");
    assert_eq!(headers["x-sealgate-actor-id"], "ada");
    assert_eq!(headers["x-sealgate-session"], session["id"].as_str().unwrap());
    assert_eq!(headers.get("cookie"), None);

    let binary: Vec<u8> = (0..=255).cycle().take(200_000).collect();
    for message in [
        Message::text("h\u{e9}llo"),
        Message::text(""),
        Message::binary(Bytes::from(binary)),
        Message::binary(Bytes::new()),
    ] {
        browser.send(message.clone()).await.unwrap();
        assert_eq!(next(&mut application).await, message);
        application.send(message.clone()).await.unwrap();
        assert_eq!(next(&mut browser).await, message);
    }
}

#[tokio::test]
async fn close_codes_and_reasons_pass_both_ways() {
    let world = World::start().await;
    let (ada, _) = world.stack.signed_in("ada").await;
    for (code, reason) in [(1_000, ""), (1_001, "moving on"), (1_011, "trouble"), (3_000, "a"), (4_001, "signed out")] {
        let close = CloseFrame { code: CloseCode::from(code), reason: reason.into() };
        let (mut browser, _, mut application, _) = world.open(&ada, "/chat").await;
        browser.send(Message::Close(Some(close.clone()))).await.unwrap();
        assert_eq!(next(&mut application).await, Message::Close(Some(close.clone())), "{code} from the browser");

        let (mut browser, _, mut application, _) = world.open(&ada, "/chat").await;
        application.send(Message::Close(Some(close.clone()))).await.unwrap();
        assert_eq!(next(&mut browser).await, Message::Close(Some(close)), "{code} from the application");
    }
}

#[tokio::test]
async fn without_a_session_nothing_is_upgraded() {
    let world = World::start().await;
    let (ada, _) = world.stack.signed_in("ada").await;
    let forged = ada.cookies["__Host-sg"].replacen("v1.", "v1.A", 1);
    for (cookie, code) in [("a=b".to_owned(), "missing"), (format!("__Host-sg={forged}"), "malformed")] {
        let request = format!(
            "GET /chat HTTP/1.1\r\nHost: {DEMO}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nCookie: {cookie}\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {}\r\n\r\n",
            generate_key()
        );
        let answer = raw::exchange(world.stack.edge.address(), request.as_bytes()).await;
        assert_eq!(answer.status(), 401, "{answer:?}");
        assert!(answer.text().contains(&format!("\"code\":\"{code}\"")), "{answer:?}");
        assert!(answer.all("upgrade").is_empty());
    }
    // The first connection that the application ever gets is that of a session.
    let (mut browser, _, mut application, _) = world.open(&ada, "/chat").await;
    browser.send(Message::text("first")).await.unwrap();
    assert_eq!(next(&mut application).await, Message::text("first"));
}

#[tokio::test]
async fn whoever_is_left_alone_notices() {
    let world = World::start().await;
    let (ada, _) = world.stack.signed_in("ada").await;
    let (browser, _, mut application, _) = world.open(&ada, "/chat").await;
    drop(browser);
    let gone = within("the application to notice", application.next()).await;
    assert!(!matches!(gone, Some(Ok(Message::Text(_) | Message::Binary(_)))), "{gone:?}");

    let (mut browser, _, application, _) = world.open(&ada, "/chat").await;
    drop(application);
    let gone = within("the browser to notice", browser.next()).await;
    assert!(!matches!(gone, Some(Ok(Message::Text(_) | Message::Binary(_)))), "{gone:?}");
    let (_, answer, _, _) = world.open(&ada, "/chat").await;
    assert_eq!(answer.status(), StatusCode::SWITCHING_PROTOCOLS, "the edge lives on");
}
