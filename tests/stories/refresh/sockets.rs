//! `WebSocket` connections: browsers open them across sites, with cookies and without asking.

use sealgate_tests::raw;
use sealgate_tests::stack::DEMO;
use serde_json::Value;
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::{CSRF, World, generation_of};

struct Sockets {
    world: World,
    application: TcpListener,
}

async fn start() -> Sockets {
    let application = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", application.local_addr().unwrap());
    let world = World::start_before(&address).await;
    Sockets { world, application }
}

impl Sockets {
    /// Asks for a WebSocket with these headers; the answer, and what the application was told.
    async fn open(&self, cookies: &str, headers: &str) -> (raw::Message, Option<raw::Message>) {
        let request = format!(
            "GET /socket HTTP/1.1\r\nHost: {DEMO}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nCookie: {cookies}\r\n{headers}\r\n"
        );
        let mut browser = BufReader::new(raw::connect(self.world.stack.edge.address()).await);
        browser.write_all(request.as_bytes()).await.unwrap();
        let application = async {
            let (connection, _) = self.application.accept().await.unwrap();
            let mut connection = BufReader::new(connection);
            let told = raw::read_head(&mut connection).await.expect("a request comes");
            let answer = format!(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                 Sec-WebSocket-Accept: {}\r\n\r\n",
                derive_accept_key(told.all("sec-websocket-key")[0].as_bytes())
            );
            connection.write_all(answer.as_bytes()).await.unwrap();
            // Open until the browser has seen the answer.
            (told, connection)
        };
        let answered = tokio::select! {
            answer = raw::read_answer(&mut browser) => (answer, None),
            (told, _open) = application => (raw::read_answer(&mut browser).await, Some(told)),
        };
        (answered.0.expect("the edge answers"), answered.1)
    }
}

#[tokio::test]
async fn an_upgrade_with_an_expired_token_is_refreshed_and_brings_cookies() {
    let sockets = start().await;
    let (mut ada, session) = sockets.world.signed_in("ada").await;
    sockets.world.expire().await;
    let (answer, told) = sockets.open(&ada.cookie_header(), "Sec-Fetch-Site: same-origin\r\n").await;
    assert_eq!(answer.status(), 101, "{answer:?}");
    assert_eq!(told.unwrap().all("x-sealgate-session"), [session["id"].as_str().unwrap()]);
    let lines = answer.all("set-cookie");
    assert_eq!(lines.len(), 3, "a browser takes cookies from the answer to an upgrade: {answer:?}");
    for line in lines {
        ada.keep(line);
    }
    assert_eq!(generation_of(&ada), 1);
}

#[tokio::test]
async fn an_upgrade_comes_from_a_page_of_this_site() {
    let sockets = start().await;
    let (ada, session) = sockets.world.signed_in("ada").await;
    let cookies = ada.cookie_header();
    let origin = format!("Origin: http://{DEMO}\r\n");
    let token = format!("X-CSRF-Token: {}\r\n", ada.cookies[CSRF]);
    for headers in ["Sec-Fetch-Site: same-origin\r\n", "Sec-Fetch-Site: none\r\n", &origin, &token] {
        let (answer, told) = sockets.open(&cookies, headers).await;
        assert_eq!(answer.status(), 101, "{headers}: {answer:?}");
        assert_eq!(told.unwrap().all("x-sealgate-session"), [session["id"].as_str().unwrap()]);
    }
    for (headers, code) in [
        ("Sec-Fetch-Site: cross-site\r\n", "cross_site"),
        ("Sec-Fetch-Site: same-site\r\n", "cross_site"),
        ("Origin: http://evil.test\r\n", "cross_site"),
        ("Origin: https://demo.test\r\n", "cross_site"),
        ("Origin: null\r\n", "cross_site"),
        ("", "csrf_token"),
        ("X-CSRF-Token: AAAAAAAAAAAAAAAAAAAAAA\r\n", "csrf_token"),
    ] {
        let (answer, told) = sockets.open(&cookies, headers).await;
        assert_eq!((answer.status(), told), (403, None), "{headers}: {answer:?}");
        let problem: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(problem["code"], code, "{headers}");
    }
    // Nobody's cookies: there is nothing to abuse, and nothing to be had.
    let (answer, told) = sockets.open("theme=dark", "Sec-Fetch-Site: cross-site\r\n").await;
    assert_eq!((answer.status(), told), (401, None));
    assert_eq!(sockets.world.revoked_reason(&session).await, None);
}
