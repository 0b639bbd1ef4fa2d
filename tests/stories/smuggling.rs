//! Requests whose end can be seen in two places. Each carries another request that somebody might take for one; it
//! must never arrive by itself, and whoever comes next must be answered as if nothing had been.

use sealgate_tests::raw::{self, Message};
use sealgate_tests::recorder::Recorder;
use sealgate_tests::stack::{DEMO, Stack};
use serde_json::json;

/// What is smuggled: it would arrive with an identity, and at a place that needs one.
const HIDDEN: &str = "GET /hidden HTTP/1.1\r\nHost: demo.test\r\nX-Sealgate-Actor-Id: root\r\n\r\n";

/// What the runtime makes of a request.
#[derive(Clone, Copy, Debug)]
enum Runtime {
    /// It is refused before the edge sees it.
    Refuses,
    /// It arrives once, with this body; what follows it is no request.
    Takes(&'static str),
    /// It is broken off midway: nothing whole arrives.
    BreaksOff,
}

use Runtime::{BreaksOff, Refuses, Takes};

const SHAPES: &[(&str, &str, Runtime)] = &[
    // Two framings. Chunks count (RFC 9112 §6.3), the length goes no further, and the connection ends there.
    ("Content-Length: 4\r\nTransfer-Encoding: chunked", "0\r\n\r\nHIDDEN", Takes("")),
    ("Transfer-Encoding: chunked\r\nContent-Length: 4", "0\r\n\r\nHIDDEN", Takes("")),
    ("Content-Length: 999\r\nTransfer-Encoding: chunked", "4\r\nbody\r\n0\r\n\r\nHIDDEN", Takes("body")),
    ("Content-Length: 4\r\nTransfer-Encoding: identity", "bodyHIDDEN", Refuses),
    ("Content-Length: 4\r\nTransfer-Encoding: xchunked", "bodyHIDDEN", Refuses),
    ("Content-Length: 4\r\nTransfer-Encoding : chunked", "0\r\n\r\nHIDDEN", Refuses),
    ("Content-Length: 4\r\n Transfer-Encoding: chunked", "0\r\n\r\nHIDDEN", Refuses),
    ("Content-Length: 4\r\nX: x\rTransfer-Encoding: chunked", "0\r\n\r\nHIDDEN", Refuses),
    // Lengths.
    ("Content-Length: 4\r\nContent-Length: 0", "bodyHIDDEN", Refuses),
    ("Content-Length: 0\r\nContent-Length: 4", "bodyHIDDEN", Refuses),
    ("Content-Length: 4, 4", "bodyHIDDEN", Refuses),
    ("Content-Length: 4, 0", "bodyHIDDEN", Refuses),
    ("Content-Length: -1", "HIDDEN", Refuses),
    ("Content-Length: +4", "bodyHIDDEN", Refuses),
    ("Content-Length: 0x4", "bodyHIDDEN", Refuses),
    ("Content-Length: 4 4", "bodyHIDDEN", Refuses),
    ("Content-Length: 4;a", "bodyHIDDEN", Refuses),
    ("Content-Length:", "HIDDEN", Refuses),
    ("Content-Length: 99999999999999999999999999", "HIDDEN", Refuses),
    ("Content-Length: 18446744073709551620", "bodyHIDDEN", Refuses),
    ("Content-Length: 9999999999", "HIDDEN", BreaksOff),
    ("Content-Length : 4", "bodyHIDDEN", Refuses),
    // Codings.
    ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "0\r\n\r\nHIDDEN", Refuses),
    ("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked", "0\r\n\r\nHIDDEN", Takes("")),
    ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\nHIDDEN", Takes("")),
    ("Transfer-Encoding: chunked, identity", "0\r\n\r\nHIDDEN", Refuses),
    ("Transfer-Encoding:\u{b}chunked", "0\r\n\r\nHIDDEN", Refuses),
    ("Transfer-Encoding: \"chunked\"", "0\r\n\r\nHIDDEN", Refuses),
    ("Transfer-Encoding: chunked;q=1", "0\r\n\r\nHIDDEN", Refuses),
    ("Transfer-Encoding: x\r\n chunked", "0\r\n\r\nHIDDEN", Refuses),
    ("Transfer-Encoding:", "HIDDEN", Refuses),
    ("Transfer_Encoding: chunked\r\nContent-Length: 4", "bodyHIDDEN", Takes("body")),
    ("Transfer-Encoding: CHUNKED", "4\r\nbody\r\n0\r\n\r\n", Takes("body")),
    // Chunks.
    ("Transfer-Encoding: chunked", "4;a=\"\r\n\"\r\nbody\r\n0\r\n\r\nHIDDEN", BreaksOff),
    ("Transfer-Encoding: chunked", "4;a=b\r\nbody\r\n0\r\n\r\n", Takes("body")),
    ("Transfer-Encoding: chunked", "4\nbody\n0\n\nHIDDEN", BreaksOff),
    ("Transfer-Encoding: chunked", "4\r\nbodyX\r\n0\r\n\r\nHIDDEN", BreaksOff),
    ("Transfer-Encoding: chunked", "-4\r\nbody\r\n0\r\n\r\nHIDDEN", BreaksOff),
    ("Transfer-Encoding: chunked", "0x4\r\nbody\r\n0\r\n\r\nHIDDEN", BreaksOff),
    ("Transfer-Encoding: chunked", " 4\r\nbody\r\n0\r\n\r\nHIDDEN", BreaksOff),
    ("Transfer-Encoding: chunked", "10000000000000004\r\nbody\r\n0\r\n\r\nHIDDEN", BreaksOff),
    ("Transfer-Encoding: chunked", "fffffffffffffffff\r\nbody\r\n0\r\n\r\nHIDDEN", BreaksOff),
    ("Transfer-Encoding: chunked", "4\r\nbody\r\n", BreaksOff),
    ("Transfer-Encoding: chunked", "4\r\nbody\r\n0\r\nX-Sealgate-Actor-Id: root\r\n\r\n", Takes("body")),
];

struct World {
    stack: Stack,
    application: Recorder,
}

impl World {
    async fn start() -> Self {
        let application = Recorder::start().await;
        let stack =
            Stack::start_with(|settings| settings["tenants"][0]["upstream"] = json!(application.address())).await;
        Self { stack, application }
    }

    async fn send(&self, request: &str) -> (Vec<u16>, Vec<Message>) {
        let answers = raw::send(self.stack.edge.address(), &raw::bytes(request)).await;
        (answers.iter().map(Message::status).collect(), self.application.take())
    }

    /// Somebody else, on a connection of their own, is answered and arrives alone.
    async fn expect_peace_after(&self, shape: &str) {
        let next = format!("GET /public/next HTTP/1.1\r\nHost: {DEMO}\r\n\r\n");
        let (statuses, arrived) = self.send(&next).await;
        let targets: Vec<&str> = arrived.iter().map(Message::target).collect();
        assert_eq!((statuses, targets), (vec![200], vec!["/public/next"]), "after {shape:?}");
    }
}

#[tokio::test]
async fn no_request_hides_in_another() {
    let world = World::start().await;
    for (framing, body, runtime) in SHAPES {
        let body = body.replace("HIDDEN", HIDDEN);
        let shape = format!("POST /public/outer HTTP/1.1\r\nHost: {DEMO}\r\n{framing}\r\n\r\n{body}");
        let (statuses, arrived) = world.send(&shape).await;
        let bodies: Vec<String> = arrived.iter().map(Message::text).collect();
        assert!(arrived.iter().all(|request| request.target() == "/public/outer"), "{shape:?}: {arrived:?}");
        assert!(arrived.iter().all(|request| request.all("x-sealgate-actor-id").is_empty()), "{shape:?}: {arrived:?}");
        match runtime {
            Refuses => assert_eq!((&statuses[..], &bodies[..]), (&[400][..], &[][..]), "{shape:?}"),
            // What comes behind is at most a request of its own, decided on as every other.
            Takes(body) => {
                assert!(matches!(statuses[..], [200] | [200, 400 | 401]), "{shape:?}: {statuses:?}");
                assert_eq!(bodies, [*body], "{shape:?}");
            }
            BreaksOff => {
                assert!(matches!(statuses[..], [] | [400 | 502]), "{shape:?}: {statuses:?}");
                assert_eq!(bodies, Vec::<String>::new(), "{shape:?}");
            }
        }
        world.expect_peace_after(&shape).await;
    }
}

#[tokio::test]
async fn a_body_where_none_belongs_goes_no_further() {
    let world = World::start().await;
    let length = HIDDEN.len();
    for framing in [
        format!("Content-Length: {length}\r\n\r\n{HIDDEN}"),
        format!("Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n{HIDDEN}\r\n0\r\n\r\n"),
        "Content-Length: 0\r\n\r\n".to_owned(),
    ] {
        let request = format!("GET /public/outer HTTP/1.1\r\nHost: {DEMO}\r\n{framing}");
        let (statuses, arrived) = world.send(&request).await;
        assert_eq!((&statuses[..], arrived.len()), (&[200][..], 1), "{request:?}");
        assert_eq!((arrived[0].target(), arrived[0].text().as_str()), ("/public/outer", ""), "{request:?}");
        assert!(arrived[0].all("content-length").is_empty() && arrived[0].all("transfer-encoding").is_empty());
        world.expect_peace_after(&request).await;
    }
}

#[tokio::test]
async fn request_lines_that_are_none_are_refused_and_pipelined_requests_are_decided_one_by_one() {
    let world = World::start().await;
    for (line, allowed) in [
        ("GET /public HTTP/2.0", 400),
        ("GET /public HTTP/1.1 x", 400),
        ("GET  /public HTTP/1.1", 400),
        ("GET /public", 400),
        ("GET\t/public\tHTTP/1.1", 400),
        ("G@T /public HTTP/1.1", 400),
        ("get /public HTTP/1.1", 501),
    ] {
        let (statuses, arrived) = world.send(&format!("{line}\r\nHost: {DEMO}\r\n\r\n")).await;
        assert_eq!((&statuses[..], arrived.len()), (&[allowed][..], 0), "{line:?}");
        world.expect_peace_after(line).await;
    }
    let first = format!("GET /public/first HTTP/1.1\r\nHost: {DEMO}\r\n\r\n");
    let (statuses, arrived) = world.send(&format!("{first}{HIDDEN}")).await;
    assert_eq!((statuses, arrived.len()), (vec![200, 401], 1), "the second needs a session as ever");
}
