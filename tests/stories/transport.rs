//! HTTP as applications use it: what they answer reaches the browser as they answered it.

use axum::body::{Body, Bytes};
use axum::http::Response;
use futures_util::stream;
use reqwest::Method;
use sealgate_tests::browser::Browser;
use sealgate_tests::raw;
use sealgate_tests::stack::Stack;
use sealgate_tests::steered::{Call, Steered};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

struct World {
    stack: Stack,
    application: Steered,
    ada: Browser,
}

impl World {
    async fn start() -> Self {
        let application = Steered::start().await;
        let stack =
            Stack::start_with(|settings| settings["tenants"][0]["upstream"] = json!(application.address())).await;
        let (ada, _) = stack.signed_in("ada").await;
        Self { stack, application, ada }
    }

    /// Sends a request, lets the application answer it, and gives what the browser got.
    async fn exchange(
        &mut self,
        method: Method,
        headers: &[(&str, &str)],
        answer: impl FnOnce(&Call) -> Response<Body>,
    ) -> reqwest::Response {
        let request = headers
            .iter()
            .fold(self.ada.request(method, "/page"), |request, (name, value)| request.header(*name, *value));
        let (got, ()) = tokio::join!(request.send(), async {
            let call = self.application.next().await;
            let response = answer(&call);
            call.answer(response);
        });
        got.unwrap()
    }
}

fn response(status: u16, headers: &[(&str, &str)], body: &'static [u8]) -> Response<Body> {
    let response = headers
        .iter()
        .fold(Response::builder().status(status), |response, (name, value)| response.header(*name, *value));
    response.body(Body::from(body)).unwrap()
}

fn header<'r>(response: &'r reqwest::Response, name: &str) -> &'r str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn an_event_arrives_before_the_next_is_sent() {
    let mut world = World::start().await;
    let (send, receive) = mpsc::channel::<Bytes>(1);
    let events =
        stream::unfold(receive, async |mut receive| Some((Ok::<_, std::io::Error>(receive.recv().await?), receive)));
    let answer = Response::builder().header("content-type", "text/event-stream");
    let answer = answer.body(Body::from_stream(Box::pin(events))).unwrap();
    let accept = [("accept", "text/event-stream")];
    let mut got = world.exchange(Method::GET, &accept, |_| answer).await;
    assert_eq!(header(&got, "content-type"), "text/event-stream");
    for number in 0..5 {
        let event = format!("id: {number}\ndata: x\n\n");
        send.send(event.clone().into()).await.unwrap();
        assert_eq!(got.chunk().await.unwrap().unwrap(), event);
    }
    drop(send);
    assert_eq!(got.chunk().await.unwrap(), None);
}

#[tokio::test]
async fn head_and_options_are_the_applications_to_answer() {
    let mut world = World::start().await;
    let got = world
        .exchange(Method::HEAD, &[], |call| {
            assert_eq!(call.head.method, "HEAD");
            response(200, &[("content-length", "1234"), ("x-a", "b")], b"")
        })
        .await;
    assert_eq!((got.status().as_u16(), header(&got, "content-length"), header(&got, "x-a")), (200, "1234", "b"));
    assert_eq!(got.text().await.unwrap(), "");

    let preflight = [("origin", "https://a.example"), ("access-control-request-method", "PUT")];
    let got = world
        .exchange(Method::OPTIONS, &preflight, |call| {
            assert_eq!(call.header("access-control-request-method"), Some("PUT"));
            response(204, &[("allow", "GET, PUT"), ("access-control-allow-methods", "PUT")], b"")
        })
        .await;
    assert_eq!((got.status().as_u16(), header(&got, "allow")), (204, "GET, PUT"));
    assert_eq!(header(&got, "access-control-allow-methods"), "PUT");

    for method in [Method::HEAD, Method::OPTIONS] {
        let refused = world.stack.browser().request(method, "/page").send().await.unwrap();
        assert_eq!(refused.status(), 401, "these need a session like all others");
    }
    assert!(world.application.is_idle());
}

#[tokio::test]
async fn ranges_and_conditions_are_the_applications_to_judge() {
    let mut world = World::start().await;
    let got = world
        .exchange(Method::GET, &[("range", "bytes=2-4"), ("if-range", "\"v1\"")], |call| {
            assert_eq!((call.header("range"), call.header("if-range")), (Some("bytes=2-4"), Some("\"v1\"")));
            response(206, &[("content-range", "bytes 2-4/10"), ("etag", "\"v1\"")], b"234")
        })
        .await;
    assert_eq!((got.status().as_u16(), header(&got, "content-range")), (206, "bytes 2-4/10"));
    assert_eq!((header(&got, "content-length"), header(&got, "etag")), ("3", "\"v1\""));
    assert_eq!(got.text().await.unwrap(), "234");

    let got = world
        .exchange(Method::GET, &[("if-none-match", "W/\"v1\", \"v2\"")], |call| {
            assert_eq!(call.header("if-none-match"), Some("W/\"v1\", \"v2\""));
            response(304, &[("etag", "\"v2\"")], b"")
        })
        .await;
    assert_eq!(
        (got.status().as_u16(), header(&got, "etag"), header(&got, "cache-control")),
        (304, "\"v2\"", "private")
    );

    let got = world.exchange(Method::GET, &[], |_| response(416, &[("content-range", "bytes */10")], b"")).await;
    assert_eq!((got.status().as_u16(), header(&got, "content-range")), (416, "bytes */10"));
}

#[tokio::test]
async fn what_is_compressed_stays_compressed() {
    let mut world = World::start().await;
    // Not even gzip: whoever tried to unpack it would stumble.
    let packed: &[u8] = b"\x1f\x8bnot really\x00\xff";
    for coding in ["gzip", "br", "zstd", "x-own"] {
        let got = world
            .exchange(Method::GET, &[("accept-encoding", "gzip, br, zstd, x-own")], |call| {
                assert_eq!(call.header("accept-encoding"), Some("gzip, br, zstd, x-own"));
                response(200, &[("content-encoding", coding), ("vary", "accept-encoding")], packed)
            })
            .await;
        assert_eq!((header(&got, "content-encoding"), header(&got, "vary")), (coding, "accept-encoding"));
        assert_eq!(got.bytes().await.unwrap(), packed, "{coding}");
    }
    // Nobody who asked for plain text gets anything else.
    let got = world
        .exchange(Method::GET, &[], |call| {
            assert_eq!(call.header("accept-encoding"), None);
            response(200, &[], b"plain")
        })
        .await;
    assert_eq!(header(&got, "content-encoding"), "");
    assert_eq!(got.text().await.unwrap(), "plain");
}

#[tokio::test]
async fn statuses_redirects_and_errors_come_through_untouched() {
    let mut world = World::start().await;
    for status in [
        201, 202, 204, 205, 300, 301, 302, 303, 307, 308, 400, 401, 403, 404, 409, 410, 418, 422, 429, 451, 500, 501,
        502, 503, 504,
    ] {
        let location = "https://elsewhere.example/a?b=%20c#d";
        let got = world.exchange(Method::POST, &[], |_| response(status, &[("location", location)], b"")).await;
        assert_eq!((got.status().as_u16(), header(&got, "location")), (status, location));
        assert_eq!(header(&got, "content-type"), "", "it is the application's answer, not ours");
    }
}

#[tokio::test]
async fn early_hints_do_not_disturb_the_answer() {
    let application = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", application.local_addr().unwrap());
    let stack = Stack::start_with(|settings| settings["tenants"][0]["upstream"] = json!(address)).await;
    let serving = async {
        let (mut connection, _) = application.accept().await.unwrap();
        let mut request = vec![0; 4_096];
        assert!(connection.read(&mut request).await.unwrap() > 0);
        let answer = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        connection.write_all(answer.as_bytes()).await.unwrap();
        connection
    };
    let request = b"GET /public HTTP/1.1\r\nHost: demo.test\r\n\r\n";
    let (answers, _connection) = tokio::join!(raw::send(stack.edge.address(), request), serving);
    // The runtime passes no early hints on.
    assert_eq!(
        answers.iter().map(|answer| (answer.status(), answer.text())).collect::<Vec<_>>(),
        [(200, "ok".to_owned())]
    );
}
